import type { WebSocket } from 'ws';

import type { Connection } from '../index.ts';
import { tellNotSent } from './not-sent.ts';
import { sentBytesOf } from './sent-bytes.ts';

const CONNECTION: unique symbol = Symbol('watertight.bound');
const REPLACED: unique symbol = Symbol('watertight.send');

type Send = (this: WebSocket, data: unknown, options: unknown, done: unknown) => void;

interface BoundedWebSocket extends WebSocket {
  [CONNECTION]?: Connection;
  /** Only where somebody else has put one on the socket itself. */
  [REPLACED]?: Send;
}

export interface BoundedSendOptions {
  /** What is not sent is an error to whoever sent it. Default `true`; `false` where that would end a client whose frames are to be dropped. */
  readonly fails?: boolean;
}

/** From now on every frame is counted before it is sent. One function for all sockets, no object for each; only where there is a bound. */
export function boundSends(
  webSocket: BoundedWebSocket,
  connection: Connection,
  { fails = true }: BoundedSendOptions = {},
): void {
  webSocket[CONNECTION] = connection;
  if (Object.hasOwn(webSocket, 'send'))
    ({ send: webSocket[REPLACED] } = webSocket as unknown as { readonly send: Send });
  webSocket.send = fails ? sendOrFail : sendOrDrop;
}

/** Arguments by name: a list of them would be made for every frame. */
function sendOrFail(this: BoundedWebSocket, data: unknown, options?: unknown, done?: unknown): void {
  if (maySend(this, data)) sendOf(this).call(this, data, options, done);
  else tellNotSent(this, [options, done], true);
}

function sendOrDrop(this: BoundedWebSocket, data: unknown, options?: unknown, done?: unknown): void {
  if (maySend(this, data)) sendOf(this).call(this, data, options, done);
  else tellNotSent(this, [options, done], false);
}

/** What a closed socket does with a frame is its own affair. */
function maySend(webSocket: BoundedWebSocket, data: unknown): boolean {
  return webSocket.readyState !== webSocket.OPEN || webSocket[CONNECTION]?.maySend(sentBytesOf(data)) !== false;
}

function sendOf(webSocket: BoundedWebSocket): Send {
  return webSocket[REPLACED] ?? (Object.getPrototypeOf(webSocket) as { readonly send: Send }).send;
}
