import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DashboardOptions } from './options.ts';
import type { Overview } from './overview.ts';
/** A dashboard of the factories it was given. */
export interface Dashboard extends AsyncDisposable {
    /** Where it is, with a slash at its end. */
    readonly path: string;
    /**
     * Answers a request below the base path and says `true`; leaves every other one alone and says `false`. A property, so that it can be
     * handed over as it is.
     */
    readonly handle: (request: IncomingMessage, response: ServerResponse) => boolean;
    /** What the first page shows. */
    overview(): Overview;
    /** Lets go of everything: viewers, timers, subscriptions. Later requests are answered with 503. Idempotent. */
    close(): Promise<void>;
}
/**
 * Makes a dashboard for a server that is there already.
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { dashboard } from '@watertight/dashboard';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const board = dashboard({ factory, token: process.env.DASHBOARD_TOKEN });
 * const server = createServer((request, response) => {
 *   if (board.handle(request, response)) return;
 *   response.writeHead(404).end();
 * });
 * ```
 *
 * It reads what a factory makes public, and keeps neither the factory nor the process alive.
 * @throws InvalidOptionsError naming every problem at once, one of them that nobody would be asked who they are.
 */
export declare function dashboard(options: DashboardOptions): Dashboard;
