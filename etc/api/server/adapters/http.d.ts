import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Manager } from '../index.ts';
import { type DecisionOptions, type Guard } from './guard-options.ts';
import { type AddressOptions, type HttpRefusalOptions } from './network-options.ts';
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
export declare function guardHttp(options: HttpGuardOptions): HttpGuard;
