import type { Server } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers';
import type { ConnectionErrorCode } from './connection-error.ts';
import { MemorySocket } from './memory-socket.ts';
import { requireMs } from './milliseconds.ts';

export interface SocketPairOptions {
  /** Milliseconds that everything takes from one end to the other. Default 0: the next turn of the event loop. */
  readonly delayMs?: number;
  /** The client goes on writing when the server has ended its side. Default false, as with `net.connect`. */
  readonly allowHalfOpen?: boolean;
}

export interface ConnectInMemoryOptions extends SocketPairOptions {
  /** Nobody takes the connection: the error that the client gets. Default: the server takes it. */
  readonly refuse?: Exclude<ConnectionErrorCode, 'ECONNRESET' | 'EPIPE'>;
}

const FIRST_CLIENT_PORT = 49_152;
const CLIENT_PORTS_COUNT = 16_384;
const SERVER_PORT = 80;
let madeCount = 0;

/**
 * Two ends of a connection in memory, for unit tests without a network: `net.Socket`s that behave like those of a connection over
 * TCP. `client.cut()` pulls the cable.
 *
 * @example
 * ```ts
 * const [client, server] = socketPair({ delayMs: 20 });
 * handleSocket(server);
 * client.write('hello');
 * client.resetAndDestroy();
 * ```
 *
 * @throws RangeError for a delay that is no number of milliseconds from 0 to 600 000.
 */
export function socketPair(options: SocketPairOptions = {}): readonly [client: MemorySocket, server: MemorySocket] {
  const [client, server] = pairOf(options, { isConnecting: false, isServerHalfOpen: false });
  client.connected();
  server.connected();
  return [client, server];
}

/**
 * A connection to a server that need not listen, as `net.connect` makes it: `connecting` first, then `connect`, or an error where it is
 * refused. For an `http.Server`, a `net.Server`, and whatever stands on one; a client of `ws` takes it as
 * `new WebSocket('ws://in.memory/', { createConnection: () => connectInMemory(server) })`. The server does not count it in
 * `getConnections()`.
 *
 * @throws RangeError for a delay that is no number of milliseconds from 0 to 600 000.
 */
export function connectInMemory(server: Server, options: ConnectInMemoryOptions = {}): MemorySocket {
  const { delayMs = 0, refuse } = options;
  const isServerHalfOpen = 'allowHalfOpen' in server ? server.allowHalfOpen === true : true;
  const [client, serverEnd] = pairOf(options, { isConnecting: true, isServerHalfOpen });
  after(delayMs, () => {
    if (refuse === undefined && !client.destroyed) {
      client.taken();
      serverEnd.connected();
      server.emit('connection', serverEnd);
    }
    after(delayMs, () => (refuse === undefined ? client.connected() : client.refused(refuse)));
  });
  return client;
}

function pairOf(
  { delayMs = 0, allowHalfOpen = false }: SocketPairOptions,
  how: { readonly isConnecting: boolean; readonly isServerHalfOpen: boolean },
): readonly [client: MemorySocket, server: MemorySocket] {
  requireMs('delayMs', delayMs);
  const port = FIRST_CLIENT_PORT + (madeCount % CLIENT_PORTS_COUNT);
  madeCount += 1;
  const client = new MemorySocket({
    localPort: port,
    remotePort: SERVER_PORT,
    isConnecting: how.isConnecting,
    allowHalfOpen,
  });
  const server = new MemorySocket({
    localPort: SERVER_PORT,
    remotePort: port,
    isConnecting: false,
    allowHalfOpen: how.isServerHalfOpen,
  });
  client.join(server, delayMs);
  server.join(client, delayMs);
  return [client, server];
}

function after(delayMs: number, run: () => void): void {
  if (delayMs === 0) setImmediate(run);
  else setTimeout(run, delayMs);
}
