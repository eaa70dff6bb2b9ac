import type { WebSocket } from 'ws';

import type { Connection } from '../index.ts';
import { tellNotSent } from './not-sent.ts';
import { sentBytesOf } from './sent-bytes.ts';

const CONNECTION: unique symbol = Symbol('watertight.bound');
const REPLACED: unique symbol = Symbol('watertight.send');
const BEGUN: unique symbol = Symbol('watertight.begun');

type Send = (this: WebSocket, data: unknown, options: unknown, done: unknown) => void;

interface BoundedWebSocket extends WebSocket {
  [CONNECTION]?: Connection;
  /** Of a message of which the last fragment is still to come: what became of the first decides over all. */
  [BEGUN]?: 'sent' | 'dropped' | undefined;
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
  if (Object.hasOwn(webSocket, 'send')) webSocket[REPLACED] = Reflect.get(webSocket, 'send') as Send;
  webSocket.send = fails ? sendOrFail : sendOrDrop;
}

// Arguments by name: a list of them would be made for every frame.

function sendOrFail(this: BoundedWebSocket, data: unknown, options?: unknown, done?: unknown): void {
  sendWithinBound(this, data, options, done, true);
}

function sendOrDrop(this: BoundedWebSocket, data: unknown, options?: unknown, done?: unknown): void {
  sendWithinBound(this, data, options, done, false);
}

function sendWithinBound(ws: BoundedWebSocket, data: unknown, options: unknown, done: unknown, fails: boolean): void {
  // What a closed socket does with a frame is its own affair.
  if (ws.readyState !== ws.OPEN || mayPass(ws, data, options)) {
    const send = ws[REPLACED] ?? (Object.getPrototypeOf(ws) as { readonly send: Send }).send;
    send.call(ws, data, options, done);
  } else tellNotSent(ws, [options, done], fails);
}

function mayPass(ws: BoundedWebSocket, data: unknown, options: unknown): boolean {
  const begun = ws[BEGUN];
  const passes = begun !== 'dropped' && ws[CONNECTION]?.maySend(sentBytesOf(data), begun === 'sent') !== false;
  const goesOn = typeof options === 'object' && options !== null && 'fin' in options && options.fin === false;
  // Hardly anybody sends fragments: nothing is kept for the others.
  if (goesOn) ws[BEGUN] = passes ? 'sent' : 'dropped';
  else if (begun !== undefined) ws[BEGUN] = undefined;
  return passes;
}
