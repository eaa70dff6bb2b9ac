import type { Hooks, Peer } from 'crossws';
import { type Manager } from '../index.ts';
import { type DecisionOptions, type Guard, type UpgradeNetworkOptions } from './guard-options.ts';
export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';
declare module 'crossws' {
    interface PeerContext {
        /** Of a peer that was admitted by {@link guardCrossws}. */
        manager?: Manager;
    }
}
export interface CrosswsGuardOptions extends DecisionOptions, UpgradeNetworkOptions {
}
export interface CrosswsGuard extends Guard {
    /** Hooks that are guarded: what is handed in runs for admitted clients only. */
    hooks(theirs?: Partial<Hooks>): Partial<Hooks>;
    /** The manager of a peer; `peer.context.manager` as well. */
    managerOf(peer: Peer): Manager | undefined;
}
/**
 * Guards the hooks of crossws on Node: with `crossws/server/node`, and with h3 and whatever else is served by it.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { guardCrossws } from '@watertight/server/crossws';
 * import { serve } from 'crossws/server/node';
 *
 * const factory = createManagerFactory();
 * const guard = guardCrossws({
 *   factory,
 *   identify: (request) => new URL(request.url, 'http://host').searchParams.get('user'),
 * });
 * const server = serve({
 *   port: Number(process.env.PORT ?? 8080),
 *   fetch: () => new Response('plain'),
 *   websocket: guard.hooks({
 *     open: (peer) => {
 *       const manager = guard.managerOf(peer);
 *       manager.every(1000, () => peer.send(`hello ${manager.user}`));
 *     },
 *   }),
 * });
 * ```
 *
 * With h3 hand them to the server, beside the hooks of its routes: `plugins: [plugin({ ...guard.hooks(), resolve })]`. They are
 * asked first then, before any code of a route can take time. With `nodeAdapter` alone, use `guardUpgrades` of `@watertight/server/node`.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export declare function guardCrossws(options: CrosswsGuardOptions): CrosswsGuard;
