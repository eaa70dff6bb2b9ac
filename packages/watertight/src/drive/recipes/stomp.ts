import type * as Stomp from '@stomp/stompjs';
import { clientLibrary } from './client-library.ts';
import { credentialsOf, socketClassOf } from './identified-socket.ts';
import { filled, type RecipeOptions } from './options.ts';
import { Patience } from './patience.ts';
import type { Life, Recipe } from './types.ts';

const VERSIONS = ['v12.stomp', 'v11.stomp', 'v10.stomp'];
const CONNECT_WAIT_MS = 5_000;
const DEFAULT_DESTINATION = '/topic/watertight';

/** STOMP over WebSocket, by `@stomp/stompjs`: subscribes to a destination, sends to it, and stays subscribed. */
export function stompRecipe(options: RecipeOptions, folder: string): Recipe {
  const library = clientLibrary('@stomp/stompjs', 'stomp', folder) as typeof Stomp;
  const patience = new Patience();
  const bodies = options.send.length > 0 ? options.send : ['watertight'];
  return {
    name: 'stomp',
    description: `STOMP: stays subscribed to --subscribe (else ${DEFAULT_DESTINATION}) and sends each --send to it`,
    protocols: VERSIONS,
    path: '/ws',
    async live(life) {
      const client = await connected(library, life);
      const destination = filled(options.subscribe ?? DEFAULT_DESTINATION, life);
      let heard: (message: unknown) => void = () => undefined;
      client.subscribe(destination, (message) => heard(message));
      for (const body of bodies) {
        const answer = new Promise((resolve) => (heard = resolve));
        client.publish({ destination, body: filled(body, life) });
        await patience.wait(answer);
      }
      return async () => await client.deactivate();
    },
  };
}

async function connected(library: typeof Stomp, life: Life): Promise<Stomp.Client> {
  const Socket = socketClassOf(life);
  const headers = Object.entries(credentialsOf(life)).map(([name, value]) => [name, String(value)]);
  return await new Promise((resolve, reject) => {
    const client = new library.Client({
      webSocketFactory: () => new Socket(life.url, VERSIONS),
      connectHeaders: Object.fromEntries(headers) as Record<string, string>,
      reconnectDelay: 0,
      connectionTimeout: CONNECT_WAIT_MS,
      heartbeatIncoming: 0,
      heartbeatOutgoing: 0,
      onConnect: () => resolve(client),
      onStompError: ({ headers: { message } }) =>
        reject(new Error(`the broker says ${message ?? 'that something is wrong'}`)),
      onWebSocketError: ({ message }: { message?: string }) => reject(new Error(message ?? 'the connection broke')),
      onWebSocketClose: ({ code }: { code?: number }) =>
        reject(new Error(`the connection closed with ${code ?? 'no code'}`)),
    });
    life.onDispose(async () => await client.deactivate({ force: true }));
    client.activate();
  });
}
