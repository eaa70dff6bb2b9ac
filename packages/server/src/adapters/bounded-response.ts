import type { ServerResponse } from 'node:http';

import type { Connection, ManagerFactory } from '../index.ts';
import { tellNotSent } from './not-sent.ts';
import { sentBytesOf } from './sent-bytes.ts';

const BOUND: unique symbol = Symbol('watertight.bound');

type Write = (this: ServerResponse, chunk: unknown, encoding?: unknown, done?: unknown) => boolean;

interface BoundedResponse extends ServerResponse {
  [BOUND]?: { readonly connection: Connection; readonly write: Write; readonly isEvents: boolean };
}

/**
 * From now on every `write` is counted before it is written; `end` is not, as nothing can be left out of the end of a response. Of a stream
 * of events a write can be dropped, as it is whole events; any other response would be broken, and is destroyed instead.
 */
export function boundResponse(response: ServerResponse, connection: Connection, isEvents: boolean): void {
  const { write } = response as unknown as { readonly write: Write };
  (response as BoundedResponse)[BOUND] = { connection, write, isEvents };
  response.write = writeWithinBound;
}

/** Writes what the runtime itself has to say, which nobody else's bound holds back. */
export function sayTo(response: ServerResponse, text: string): void {
  const { write } = (response as BoundedResponse)[BOUND] ?? (response as unknown as { readonly write: Write });
  write.call(response, text);
}

/** What is wrong with the bound of a factory for responses like these. */
export function problemsOfBound({
  factory,
  events,
}: {
  readonly factory?: ManagerFactory;
  readonly events?: boolean;
}): string[] {
  if (events === true || factory?.options === undefined) return [];
  const { maxBufferedBytes, onSlowConsumer } = factory.options;
  return maxBufferedBytes !== false && onSlowConsumer === 'drop'
    ? [
        `onSlowConsumer 'drop' of the factory cannot work here unless events is true: nothing can be left out of another response`,
      ]
    : [];
}

function writeWithinBound(this: BoundedResponse, chunk: unknown, encoding?: unknown, done?: unknown): boolean {
  const bound = this[BOUND];
  if (bound === undefined) return false;
  if (this.destroyed || this.writableEnded || bound.connection.maySend(sentBytesOf(chunk)))
    return bound.write.call(this, chunk, encoding, done);
  if (!bound.isEvents) this.destroy();
  tellNotSent(this, [encoding, done]);
  return !this.writableNeedDrain;
}
