import type * as Mqtt from 'mqtt';
import { clientLibrary } from './client-library.ts';
import { credentialsOf, socketClassOf } from './identified-socket.ts';
import { filled, type RecipeOptions } from './options.ts';
import { Patience } from './patience.ts';
import type { Life, Recipe } from './types.ts';

const CONNECT_WAIT_MS = 5_000;
const DEFAULT_TOPIC = 'watertight/{index}';
/** What a broker answers to a subscription that it does not grant. */
const NOT_GRANTED = 128;

/** MQTT over WebSocket, by `mqtt`: subscribes to a topic, publishes on it, and stays subscribed. */
export function mqttRecipe(options: RecipeOptions, folder: string): Recipe {
  const { connect } = clientLibrary('mqtt', 'mqtt', folder) as typeof Mqtt;
  const patience = new Patience();
  const payloads = options.send.length > 0 ? options.send : ['watertight'];
  return {
    name: 'mqtt',
    description: `MQTT over WebSocket: stays subscribed to --subscribe (else ${DEFAULT_TOPIC}) and publishes each --send on it`,
    protocols: ['mqtt'],
    path: '/mqtt',
    async live(life) {
      const client = connect(life.url.href, settingsOf(life));
      life.onDispose(() => void client.end(true));
      await connected(client);
      const topic = filled(options.subscribe ?? DEFAULT_TOPIC, life);
      const granted = await client.subscribeAsync(topic, { qos: 0 });
      if (granted.some(({ qos }) => qos === NOT_GRANTED))
        throw new Error(`the broker does not let ${life.user} subscribe to ${topic}`);
      for (const payload of payloads) {
        const answer = new Promise((resolve) => client.once('message', resolve));
        await client.publishAsync(topic, filled(payload, life), { qos: 0 });
        await patience.wait(answer);
      }
      return async () => await client.endAsync();
    },
  };
}

function settingsOf(life: Life): Mqtt.IClientOptions {
  const Socket = socketClassOf(life);
  return {
    clientId: `watertight-${life.index}-${Math.floor(life.random() * 2 ** 32).toString(36)}`,
    ...credentialsOf(life),
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_WAIT_MS,
    timerVariant: 'native',
    createWebsocket: (url, protocols) => new Socket(url, protocols),
  };
}

async function connected(client: Mqtt.MqttClient): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.on('error', reject);
    client.once('close', () => reject(new Error('the broker closed the connection')));
  });
}
