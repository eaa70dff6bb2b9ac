import type { WebSocket } from 'ws';

import { type Connection, WatertightError } from '../index.ts';

const BOUND: unique symbol = Symbol('watertight.bound');

type Send = (this: WebSocket, data: unknown, options: unknown, done: unknown) => void;

interface BoundedWebSocket extends WebSocket {
  [BOUND]?: { readonly connection: Connection; readonly send: Send };
}

/** From now on every frame is counted before it is sent. One function for all sockets; only where there is a bound. */
export function boundSends(webSocket: WebSocket, connection: Connection): void {
  const { send } = webSocket as unknown as { readonly send: Send };
  (webSocket as BoundedWebSocket)[BOUND] = { connection, send };
  webSocket.send = sendWithinBound;
}

/** Arguments by name: a list of them would be made for every frame. */
function sendWithinBound(this: BoundedWebSocket, data: unknown, options?: unknown, done?: unknown): void {
  const bound = this[BOUND];
  if (bound === undefined) return;
  // What a closed socket does with a frame is its own affair.
  if (this.readyState !== this.OPEN || bound.connection.maySend(sizeOf(data))) {
    bound.send.call(this, data, options, done);
    return;
  }
  const callback = typeof options === 'function' ? options : done;
  if (typeof callback !== 'function') return;
  const error = new WatertightError(
    'WATERTIGHT_E_SLOW_CONSUMER',
    `The frame was not sent: more than maxBufferedBytes would wait for a peer that does not read`,
  );
  process.nextTick(() => void Reflect.apply(callback, this, [error]));
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
