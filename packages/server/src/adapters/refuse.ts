import type { EventEmitter } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { WebSocket } from 'ws';

import { REFUSALS, type Refusal, type RefusalReason } from '../index.ts';
import { refuse } from '../refusals.ts';

/** A refused socket that does not go by itself is destroyed after this time. */
const LINGER_MS = 500;

/** What a client is told over HTTP. */
export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** Status, `Retry-After` in whole seconds, JSON body. Tells nothing that the client may not know. */
export function refusalAnswer(refusal: Refusal | RefusalReason): RefusalAnswer {
  const { httpStatus, retryAfterMs, closeCode, retry } = typeof refusal === 'string' ? REFUSALS[refusal] : refusal;
  const body = JSON.stringify({
    reason: typeof refusal === 'string' ? refusal : refusal.reason,
    retry,
    retryAfterMs,
    closeCode,
    ...(typeof refusal === 'string' || refusal.limit === null
      ? undefined
      : { limit: refusal.limit, held: refusal.held }),
  });
  return {
    status: httpStatus,
    headers: {
      Connection: 'close',
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(body)),
      ...(retryAfterMs === null ? undefined : { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) }),
      ...(httpStatus === 401 ? { 'WWW-Authenticate': 'Bearer' } : undefined),
    },
    body,
  };
}

/** The whole HTTP response for a refusal, for sockets that nobody else answers. */
export function refusalResponse(refusal: Refusal | RefusalReason): string {
  const { status, headers, body } = refusalAnswer(refusal);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${[`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`, ...lines].join('\r\n')}\r\n\r\n${body}`;
}

/** Why a manager that was ended before its client was answered, as the client is told it. */
export function refusalOfEnd(reason: string): Refusal {
  return refuse(REFUSAL_OF_END.get(reason) ?? 'ended-during-init');
}

const REFUSAL_OF_END: ReadonlyMap<string, RefusalReason> = new Map([
  ['init-failed', 'init-failed'],
  ['pending-timeout', 'init-timeout'],
  ['factory-closed', 'factory-closed'],
  ['drained', 'draining'],
  ['taken-over', 'taken-over'],
]);

/** Closes a WebSocket that was accepted only to be told why it is refused, and sees to it that it goes. */
export function closeRefused(webSocket: WebSocket, refusal: Refusal): void {
  webSocket.on('error', () => webSocket.terminate());
  webSocket.close(refusal.closeCode, refusalCloseReason(refusal));
  lingerThen(webSocket, () => webSocket.terminate());
}

/** The reason text of a close frame: short, for machines, at most 123 bytes (RFC 6455 section 5.5.1). */
function refusalCloseReason(refusal: Refusal): string {
  return refusal.retryAfterMs === null ? refusal.reason : `${refusal.reason};retry=${refusal.retryAfterMs}`;
}

/** Writes the response, half-closes, and sees to it that the socket goes. */
export function endWithResponse(socket: Duplex, response: string): void {
  if (socket.destroyed) return;
  socket.end(response);
  lingerThen(socket, () => socket.destroy());
  // The answer is out: nothing that the client still sends is of interest.
  socket.once('finish', () => {
    if (socket instanceof Socket) socket.destroySoon();
  });
}

function lingerThen(closing: Pick<EventEmitter, 'once'>, destroy: () => void): void {
  const linger = setTimeout(destroy, LINGER_MS).unref();
  closing.once('close', () => clearTimeout(linger));
}
