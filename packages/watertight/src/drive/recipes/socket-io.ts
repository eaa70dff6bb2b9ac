import type * as SocketIo from 'socket.io-client';
import { clientLibrary } from './client-library.ts';
import { credentialsOf } from './identified-socket.ts';
import { filled, type RecipeOptions } from './options.ts';
import { Patience } from './patience.ts';
import type { PlainSpeech, Recipe } from './types.ts';

const CONNECT_WAIT_MS = 5_000;

/** Joins the main namespace, emits `message`, and answers the pings of Engine.IO: https://socket.io/docs/v4/engine-io-protocol/. */
const SPEECH: PlainSpeech = {
  greet: (identity = '') => `40${identity}`,
  isWelcome: (message) => message.startsWith('40') || message.startsWith('44'),
  reply: (message) => (message === '2' ? '3' : undefined),
  say: (text) => `42${JSON.stringify(['message', text])}`,
};

/** Socket.IO 4 over Engine.IO 4, by its own client: straight over WebSocket, or by polling that is upgraded. */
export function socketIoRecipe(transport: 'websocket' | 'polling', options: RecipeOptions, folder: string): Recipe {
  const name = transport === 'websocket' ? 'socket.io' : 'socket.io-polling';
  const { io } = clientLibrary('socket.io-client', name, folder) as typeof SocketIo;
  const patience = new Patience();
  return {
    name,
    description:
      transport === 'websocket'
        ? 'Socket.IO 4 over WebSocket: emits each --send (text, or ["event", …]) and takes an answer if one comes'
        : 'Socket.IO 4 by polling, then upgraded; else like socket.io',
    path: '/socket.io/',
    query: { EIO: '4', transport: 'websocket' },
    speech: SPEECH,
    async live(life) {
      const socket = io(life.httpUrl.origin, {
        path: life.httpUrl.pathname,
        query: Object.fromEntries(life.httpUrl.searchParams),
        extraHeaders: { ...life.headers },
        protocols: [...life.protocols],
        auth: credentialsOf(life),
        transports: transport === 'websocket' ? ['websocket'] : ['polling', 'websocket'],
        forceNew: true,
        reconnection: false,
        timeout: CONNECT_WAIT_MS,
      });
      life.onDispose(() => {
        socket.disconnect();
        socket.io.engine?.close();
      });
      await connected(socket, transport === 'polling');
      for (const text of options.send) {
        const answer = new Promise((resolve) => socket.onAny(resolve));
        const [event, ...values] = eventIn(filled(text, life));
        socket.emit(event, ...values);
        await patience.wait(answer);
        socket.offAny();
      }
      return async () => {
        const { engine } = socket.io;
        const closed = new Promise((resolve) => engine.once('close', resolve));
        socket.disconnect();
        await closed;
      };
    },
  };
}

async function connected(socket: SocketIo.Socket, isUpgraded: boolean): Promise<void> {
  const upgrade = new Promise<void>((resolve, reject) => {
    socket.io.engine.once('upgrade', () => resolve());
    socket.io.engine.once('upgradeError', reject);
  });
  upgrade.catch(() => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error: Error & { description?: unknown }) => {
      const { description } = error;
      reject(new Error(description instanceof Error ? `${error.message}: ${description.message}` : error.message));
    });
    socket.once('disconnect', (reason) => reject(new Error(`the server disconnected: ${reason}`)));
  });
  if (isUpgraded) await upgrade;
}

/** `["join", {"room": 1}]` is an event with its values; other text is a `message`. */
function eventIn(text: string): [string, ...unknown[]] {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return ['message', value];
    const [event, ...values] = value as unknown[];
    if (typeof event === 'string') return [event, ...values];
  } catch {
    // Not JSON: a text.
  }
  return ['message', text];
}
