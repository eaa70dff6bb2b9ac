import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Manager, Refusal } from '../index.ts';
import { show } from '../show.ts';
import { refuse } from '../refusals.ts';
import { problemsOfBound } from './bounded-response.ts';
import { Decisions } from './decisions.ts';
import { type DecisionOptions, type Guard, problemsOf, problemsOfTime, throwIfAny } from './guard-options.ts';
import { identifyInTime } from './identify.ts';
import { type AddressOptions, type HttpRefusalOptions, OF_REQUESTS } from './network-options.ts';
import { closesInTheQueue } from './queued-response.ts';
import { RefusalBudget } from './refusal-budget.ts';
import { refuseResponse } from './refuse-response.ts';
import { RestingSessions } from './resting-sessions.ts';
import { SessionTransport } from './session-transport.ts';

export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

/** What is known when a session begins. */
export interface NewSession {
  /** Made by the guard; in a header of every response, and to be sent with every further request. */
  readonly id: string;
  readonly manager: Manager;
  /** Its first request. */
  readonly request: IncomingMessage;
}

/** Answers a request of a session. What it throws is reported and answered with 500; the session goes on. */
export type SessionHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface SessionGuardOptions extends Omit<DecisionOptions, 'init'>, AddressOptions, HttpRefusalOptions {
  /**
   * Begins a session and answers who handles its requests, the first one included. Runs while the manager is pending, before anything
   * is answered. Throwing refuses.
   */
  readonly open: (session: NewSession) => SessionHandler | PromiseLike<SessionHandler>;
  /** The header with the id. Default `'mcp-session-id'`. */
  readonly header?: string;
  /** Milliseconds without a request and without an open response after which a session ends. Default 300 000; `false`: never. */
  readonly sessionIdleMs?: number | false;
  /** Its streams are `text/event-stream`: the guard writes comments to see who still reads, and says why they end. Default `false`. */
  readonly events?: boolean;
}

export interface SessionGuard extends Guard {
  /** Sessions that are open, those without an open response among them. */
  readonly sessionCount: number;
  /** Answers a request: begins a session, goes on with one, or ends it (`DELETE`). For `createServer`, Express and the like. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

const DEFAULT_HEADER = 'mcp-session-id';
const DEFAULT_IDLE_MS = 300_000;

/**
 * The same factory for sessions that live across requests, as those of MCP over streamable HTTP: admitted with their first request, ended
 * by `DELETE`, by their idle time-out or by their manager. A stream that closes ends no session.
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
 * import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
 * import { createManagerFactory } from '@watertight/server';
 * import { guardSessions } from '@watertight/server/sessions';
 *
 * const factory = createManagerFactory();
 * const { handle } = guardSessions({
 *   factory,
 *   identify: (request) => new URL(request.url, 'http://host').searchParams.get('user'),
 *   open: async ({ id, manager }) => {
 *     const mcp = new McpServer({ name: 'hello', version: '1.0.0' });
 *     mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: `hello ${manager.user}` }] }));
 *     const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => id });
 *     await mcp.connect(transport);
 *     manager.defer(() => mcp.close());
 *     return (request, response) => transport.handleRequest(request, response);
 *   },
 * });
 * const server = createServer(handle);
 * ```
 *
 * Every request is identified; a session of another user is answered like one that is not known, with 404. A first request that is
 * answered with an error begins no session. `maxBufferedBytes` counts each `write` to a response of a session, and what waits in all of them,
 * as with `guardHttp`.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export function guardSessions(options: SessionGuardOptions): SessionGuard {
  const { factory, open, header = DEFAULT_HEADER, sessionIdleMs = DEFAULT_IDLE_MS, events = false } = options;
  throwIfAny([
    ...problemsOf(options, OF_REQUESTS, ['open', 'header', 'sessionIdleMs', 'events']),
    ...problemsOfBound(options),
    ...problemsOfSessions(options),
  ]);
  const headerName = header.toLowerCase();
  const sessions = new Map<string, Session>();
  const resting = new RestingSessions<Session>(factory.clock, sessionIdleMs, ({ manager }) => {
    void manager.close('idle');
  });
  const decisions = new Decisions<Attempt>(
    {
      ...options,
      identify: ({ request }) => options.identify(request),
      init: async (manager, attempt) => {
        const { id, request } = attempt;
        const handler = await open({ id, manager, request });
        if (typeof handler !== 'function') throw new TypeError(`open must answer a function, got ${typeof handler}`);
        attempt.handler = handler;
      },
    },
    ({ request }) => request,
  );
  const budget = new RefusalBudget(factory, options, ['http']);
  const refuseWith = (response: ServerResponse, refusal: Refusal): void => refuseResponse(response, refusal, budget);
  factory.start();

  const begin = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let session: Session | undefined = undefined;
    const transport = new SessionTransport(
      factory,
      {
        managerEnded: (connection, reason) => decisions.managerEnded(connection, reason),
        openChanged: (isOpen) => {
          if (session === undefined) return;
          if (isOpen || session.manager.state !== 'active') resting.wake(session);
          else resting.rest(session);
        },
      },
      events,
    );
    const { connection } = transport;
    // Until it is admitted, its first request stands for the client.
    const left = (): void => {
      connection.markGone();
      decisions.left(connection);
    };
    if (response.destroyed) left();
    else response.once('close', left);
    const attempt: Attempt = { id: randomUUID(), request, handler: undefined };
    const admission = await decisions.decide(attempt, connection);
    if (!admission.admitted) {
      refuseWith(response, admission);
      return;
    }
    const { manager } = admission;
    if (attempt.handler === undefined || connection.ended) return;
    if (manager.state !== 'active') {
      refuseWith(response, refuse('ended-during-init'));
      return;
    }
    session = { id: attempt.id, manager, transport, handler: attempt.handler };
    keep(session);
    response.off('close', left);
    // A session whose id nobody has got is nobody's.
    response.once('close', () => {
      const isTold = response.headersSent && response.getHeader(header) === attempt.id;
      if (!isTold || response.statusCode >= FIRST_ERROR) transport.connection.markGone();
    });
    await visit(session, request, response);
  };
  const keep = (session: Session): void => {
    const { id, manager } = session;
    sessions.set(id, session);
    manager.defer(() => {
      sessions.delete(id);
      resting.wake(session);
    });
  };
  const visit = async (session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { handler, manager, transport } = session;
    transport.add(response);
    try {
      response.setHeader(header, session.id);
      await transport.connection.within(() => handler(request, response));
    } catch (error) {
      factory.recordError(error, 'connection-listener', manager.user);
      if (response.writableEnded) return;
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { Connection: 'close' }).end();
    }
  };
  const goOn = async (id: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { identity, refusal } = await identifyInTime(request, options, {
      endsWaiting: (stop) => {
        if (response.destroyed) stop();
        else response.once('close', stop);
      },
    });
    if (refusal !== undefined) {
      factory.recordRefusal(refusal);
      refuseWith(response, refusal);
      return;
    }
    const session = sessions.get(id);
    if (session === undefined || session.manager.state !== 'active' || session.manager.user !== identity.user) {
      unknown(response);
    } else if (request.method === 'DELETE') {
      session.transport.left();
      response.writeHead(204).end();
    } else {
      await visit(session, request, response);
    }
  };
  return {
    factory,
    get sessionCount() {
      return sessions.size;
    },
    get pendingCount() {
      return decisions.pendingCount;
    },
    close: () => {
      decisions.close();
      budget.close();
    },
    handle: async (request, response) => {
      closesInTheQueue(response);
      const id = request.headers[headerName];
      if (typeof id === 'string') await goOn(id, request, response);
      else if (request.method === 'DELETE') unknown(response);
      else await begin(request, response);
    },
  };
}

/** A first request while it is decided. */
interface Attempt {
  readonly id: string;
  readonly request: IncomingMessage;
  handler: SessionHandler | undefined;
}

interface Session {
  readonly id: string;
  readonly manager: Manager;
  readonly transport: SessionTransport;
  readonly handler: SessionHandler;
}

const FIRST_ERROR = 400;

/** What MCP wants a client to begin anew by. */
function unknown(response: ServerResponse): void {
  if (response.destroyed) return;
  response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"reason":"unknown-session"}');
}

function problemsOfSessions({ open, header, sessionIdleMs, ...others }: SessionGuardOptions): string[] {
  const problems: string[] = [];
  if ('init' in others) problems.push('init cannot be set here: open is what runs before a session is answered');
  if (typeof open !== 'function') problems.push('open must be a function');
  if (header !== undefined && !(typeof header === 'string' && /^[\w-]+$/.test(header))) {
    problems.push(`header must be the name of a header, got ${show(header)}`);
  }
  return [...problems, ...problemsOfTime('sessionIdleMs', sessionIdleMs)];
}
