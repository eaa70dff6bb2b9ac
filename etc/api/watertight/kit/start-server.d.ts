import type { Server } from 'node:net';
import { type CommandToStart, type StartedServer } from './examined.ts';
export interface StartServerOptions {
    /** Path of the WebSocket. Default `/`. */
    readonly path?: string;
    /** Of a command: a text in its output, or a URL that answers, before it counts as started. Default: when it listens. */
    readonly waitFor?: string;
    /** Of a command: until it takes WebSockets. Default 10 000. */
    readonly timeoutMs?: number;
}
/** What a function that starts a server in the process of the tests may answer. */
export type InProcessServer = Server | {
    readonly url: string;
    close(): unknown;
};
/**
 * Starts a server for tests: a command in a process of its own, or a function in this one. What a function answers is made to listen
 * on a free port of 127.0.0.1 unless it listens already, or was told where to.
 *
 * @example
 * ```ts
 * await using server = await startServer({ command: ['node', 'server.js'] }, { path: '/chat' });
 * ```
 *
 * @throws when the command does not start, takes no WebSockets in time, or ends, and when the server of a function cannot listen where
 * it was told to; nothing of it is left then. TypeError and RangeError for what cannot be started, and options that are none.
 */
export declare function startServer(what: CommandToStart | (() => InProcessServer | Promise<InProcessServer>), options?: StartServerOptions): Promise<StartedServer>;
