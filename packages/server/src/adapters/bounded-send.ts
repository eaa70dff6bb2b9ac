import type { WebSocket } from 'ws';

import { type Connection, WatertightError } from '../index.ts';

const BOUND: unique symbol = Symbol('watertight.bound');

interface BoundedWebSocket extends WebSocket {
  [BOUND]?: { readonly connection: Connection; readonly send: WebSocket['send'] };
}

/** From now on every frame is counted before it is sent. One function for all sockets; only where there is a bound. */
export function boundSends(webSocket: WebSocket, connection: Connection): void {
  (webSocket as BoundedWebSocket)[BOUND] = { connection, send: webSocket.send.bind(webSocket) };
  webSocket.send = sendWithinBound;
}

function sendWithinBound(this: BoundedWebSocket, ...args: readonly unknown[]): void {
  const bound = this[BOUND];
  if (bound === undefined) return;
  // What a closed socket does with a frame is its own affair.
  if (this.readyState !== this.OPEN || bound.connection.maySend(sizeOf(args[0]))) {
    Reflect.apply(bound.send, undefined, args);
    return;
  }
  const done = args.find((argument) => typeof argument === 'function');
  if (done === undefined) return;
  const error = new WatertightError(
    'WATERTIGHT_E_SLOW_CONSUMER',
    `The frame was not sent: more than maxBufferedBytes would wait for a peer that does not read`,
  );
  process.nextTick(() => void Reflect.apply(done, this, [error]));
}

/** Of the message, before compression and without the header of its frame. */
function sizeOf(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (typeof data === 'object' && data !== null) {
    if ('byteLength' in data && typeof data.byteLength === 'number') return data.byteLength;
    if ('size' in data && typeof data.size === 'number') return data.size;
    if ('length' in data && typeof data.length === 'number') return data.length;
  }
  return typeof data === 'number' ? String(data).length : 0;
}
