import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Manager } from '../index.ts';
import { type DecisionOptions, type Guard } from './guard-options.ts';
import { type AddressOptions, type HttpRefusalOptions } from './network-options.ts';
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
export declare function guardSessions(options: SessionGuardOptions): SessionGuard;
