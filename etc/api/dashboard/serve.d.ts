import { type Dashboard } from './dashboard.ts';
import { type DashboardOptions } from './options.ts';
/** Options of {@link serveDashboard}. */
export interface ServeOptions extends DashboardOptions {
    /** Default 0: any that is free. */
    readonly port?: number;
    /** Default `'127.0.0.1'`. Any other than loopback needs `token` or `authenticate`. */
    readonly host?: string;
}
/** A dashboard on a port of its own. */
export interface ServedDashboard extends Dashboard {
    readonly port: number;
    /** Where to look. */
    readonly url: string;
}
/**
 * Serves a dashboard on a port of its own; on loopback, which is the default, nobody is asked who they are unless `token` or
 * `authenticate` says so.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { serveDashboard } from '@watertight/dashboard';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const board = await serveDashboard({ factory });
 * console.log(board.url);
 * await board.close();
 * await factory.close();
 * ```
 *
 * @throws InvalidOptionsError (the promise rejects) when it would be open to other machines and know nobody; and what `listen` fails with.
 */
export declare function serveDashboard(options: ServeOptions): Promise<ServedDashboard>;
