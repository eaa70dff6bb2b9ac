import type { WebSocket } from 'ws';

import type { Connection } from '../index.ts';
import { tellNotSent } from './not-sent.ts';
import { sentBytesOf } from './sent-bytes.ts';

const BOUND: unique symbol = Symbol('watertight.bound');

type Send = (this: WebSocket, data: unknown, options: unknown, done: unknown) => void;

interface BoundedWebSocket extends WebSocket {
  [BOUND]?: { readonly connection: Connection; readonly send: Send; readonly fails: boolean };
}

export interface BoundedSendOptions {
  /** What is not sent is an error to whoever sent it. Default `true`; `false` where that would end a client whose frames are to be dropped. */
  readonly fails?: boolean;
}

/** From now on every frame is counted before it is sent. One function for all sockets; only where there is a bound. */
export function boundSends(
  webSocket: WebSocket,
  connection: Connection,
  { fails = true }: BoundedSendOptions = {},
): void {
  const { send } = webSocket as unknown as { readonly send: Send };
  (webSocket as BoundedWebSocket)[BOUND] = { connection, send, fails };
  webSocket.send = sendWithinBound;
}

/** Arguments by name: a list of them would be made for every frame. */
function sendWithinBound(this: BoundedWebSocket, data: unknown, options?: unknown, done?: unknown): void {
  const bound = this[BOUND];
  if (bound === undefined) return;
  // What a closed socket does with a frame is its own affair.
  if (this.readyState !== this.OPEN || bound.connection.maySend(sentBytesOf(data))) {
    bound.send.call(this, data, options, done);
    return;
  }
  tellNotSent(this, [options, done], bound.fails);
}
