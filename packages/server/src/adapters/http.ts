import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Connection, EndCause, Manager, Transport } from '../index.ts';
import { boundResponse, problemsOfBound, sayTo } from './bounded-response.ts';
import { Decisions } from './decisions.ts';
import { endResponse } from './end-response.ts';
import { type DecisionOptions, type Guard, problemsOf, throwIfAny } from './guard-options.ts';
import { type AddressOptions, type HttpRefusalOptions, OF_REQUESTS } from './network-options.ts';
import { closesInTheQueue } from './queued-response.ts';
import { RefusalBudget } from './refusal-budget.ts';
import { refuseResponse } from './refuse-response.ts';
import { resetResponse } from './reset-socket.ts';

export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

export interface HttpGuardOptions extends DecisionOptions, AddressOptions, HttpRefusalOptions {
  /**
   * The responses are streams of events (`text/event-stream`): the guard writes comments into them to see who still reads, and says why
   * they end. Default `false`: whatever they are, the guard writes nothing into them.
   */
  readonly events?: boolean;
}

export interface HttpGuard extends Guard {
  /**
   * Admits the client of one response that takes as long as its session: server-sent events, a streamed answer of a model. The
   * manager ends with the response. Answers `undefined` when the client was refused, and has been told so, or has left.
   */
  admit(request: IncomingMessage, response: ServerResponse): Promise<Manager | undefined>;
}

/**
 * The same factory for sessions without any WebSocket, behind `node:http`, Express, or whatever has a request and a response of Node:
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { guardHttp } from '@watertight/server/http';
 *
 * const factory = createManagerFactory();
 * const { admit } = guardHttp({
 *   factory,
 *   identify: (request) => new URL(request.url, 'http://host').searchParams.get('user'),
 *   events: true,
 * });
 *
 * const server = createServer(async (request, response) => {
 *   const manager = await admit(request, response);
 *   if (manager === undefined) return;
 *   response.writeHead(200, { 'Content-Type': 'text/event-stream' });
 *   manager.every(1000, () => response.write(`data: hello ${manager.user}\n\n`));
 * });
 * ```
 *
 * A client that does not read is found silent like one that does not answer. With `events` it is told why its stream ends: by an event
 * `close` with code and reason; one that has no head yet is told by a status, whatever it waits for. `maxBufferedBytes` counts each `write`, not `end`; `onSlowConsumer: 'drop'` leaves out what one `write` was
 * given, needs `events`, and is refused without. A function that answers `'drop'` without `events` ends the response.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export function guardHttp(options: HttpGuardOptions): HttpGuard {
  throwIfAny([...problemsOf(options, OF_REQUESTS, ['events']), ...problemsOfBound(options)]);
  const decisions = new Decisions(options, (request) => request);
  const budget = new RefusalBudget(options.factory, options, ['http']);
  const { factory, events = false } = options;
  factory.start();
  return {
    factory,
    get pendingCount() {
      return decisions.pendingCount;
    },
    close: () => {
      decisions.close();
      budget.close();
    },
    admit: async (request, response) => {
      const { connection } = new ResponseTransport(response, decisions, events);
      const admission = await decisions.decide(request, connection);
      if (admission.admitted) {
        if (connection.isBounded) boundResponse(response, connection, events);
        return admission.manager;
      }
      refuseResponse(response, admission, budget);
      return undefined;
    },
  };
}

/** One response as the socket of a session; the TCP connection under it may serve others after it. */
class ResponseTransport implements Transport {
  readonly connection: Connection;
  readonly #response: ServerResponse;
  readonly #decisions: Decisions<IncomingMessage>;
  readonly #events: boolean;

  constructor(response: ServerResponse, decisions: Decisions<IncomingMessage>, events: boolean) {
    this.#response = response;
    this.#decisions = decisions;
    this.#events = events;
    this.connection = decisions.factory.connect(this);
    closesInTheQueue(response);
    if (response.destroyed || response.writableFinished) this.#gone();
    else response.once('close', () => this.#gone());
  }

  /** The client of a response says nothing, but it reads: what is not taken any more says that nobody is there. */
  ping(): void {
    const response = this.#response;
    if (response.writableLength > 0) return;
    if (this.#events && isUnderWay(response)) sayTo(response, COMMENT);
    this.connection.inbound();
  }

  close(code: number, reason: string): void {
    if (this.#decisions.managerEnded(this.connection, reason)) return;
    endResponse(this.#response, { code, reason }, this.#events);
  }

  destroy(how: 'fin' | 'reset'): void {
    if (how === 'reset') resetResponse(this.#response);
    else this.#response.destroy();
  }

  unsentBytes(): number {
    return this.#response.writableLength;
  }

  #gone(): void {
    this.connection.end(endOf(this.#response));
    this.connection.markGone();
    this.#decisions.left(this.connection);
  }
}

/** In a stream of events, ignored by whoever reads it. */
const COMMENT = ':\n\n';

function isUnderWay(response: ServerResponse): boolean {
  return response.headersSent && !response.writableEnded;
}

function endOf({ writableFinished, errored }: ServerResponse): EndCause {
  return !writableFinished && errored !== null ? 'client-error' : 'client-close';
}
