import type * as SocketIo from 'socket.io-client';
import { clientLibrary } from './client-library.ts';
import { credentialsOf, objectIn } from './identified-socket.ts';
import { filled, type RecipeOptions } from './options.ts';
import { Patience } from './patience.ts';
import type { Life, PlainSpeech, Recipe, SpokenRefusal } from './types.ts';

const CONNECT_WAIT_MS = 5_000;

/** Joins the main namespace, emits `message`, and answers the pings of Engine.IO: https://socket.io/docs/v4/engine-io-protocol/. */
const SPEECH: PlainSpeech = {
  greet: (identity = '') => `40${identity}`,
  isWelcome: (message) => message.startsWith('40'),
  refusal: (message) => (message.startsWith('44') ? refusalIn(objectIn(message.slice(2)) ?? {}) : undefined),
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
    isMute: options.send.length === 0,
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
      await connected(life, socket, transport === 'polling');
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

async function connected(life: Life, socket: SocketIo.Socket, isUpgraded: boolean): Promise<void> {
  const upgrade = new Promise<void>((resolve, reject) => {
    socket.io.engine.once('upgrade', () => resolve());
    socket.io.engine.once('upgradeError', reject);
  });
  upgrade.catch(() => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error: Error & { description?: unknown; data?: unknown }) => {
      const { description, message, data } = error;
      // Only what the server answered bears data, if only none; otherwise it could not be asked.
      if ('data' in error) reject(life.refused(refusalIn({ message, data })));
      else reject(new Error(description instanceof Error ? `${message}: ${description.message}` : message));
    });
    socket.once('disconnect', (reason) => reject(new Error(`the server disconnected: ${reason}`)));
  });
  if (isUpgraded) await upgrade;
}

/** What middleware calls `next(error)` with arrives as message and, if it has any, data; a status may stand there. */
function refusalIn({ message, data }: { readonly message?: unknown; readonly data?: unknown }): SpokenRefusal {
  const status = typeof data === 'object' && data !== null && 'status' in data ? data.status : undefined;
  return {
    message: typeof message === 'string' ? message : '',
    ...(typeof status === 'number' ? { status } : undefined),
    body: data,
  };
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
