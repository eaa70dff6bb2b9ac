import type { Extension } from '@hocuspocus/server';
import type { ChildScope, Manager } from '../index.ts';
import { type DecisionOptions, type Guard, type UpgradeNetworkOptions } from './guard-options.ts';
export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';
export interface HocuspocusGuardOptions extends DecisionOptions, UpgradeNetworkOptions {
}
export interface HocuspocusGuard extends Guard {
    /** To be listed among the `extensions` of the server. */
    readonly extension: Extension;
}
/** What hooks find in their `context`. */
export interface HocuspocusContext {
    /** Of the client, whatever documents it has open. */
    readonly manager: Manager;
    /** Of this client at this document: ends when it leaves the document, or with the manager. */
    readonly scope: ChildScope;
}
/**
 * An extension for the server of Hocuspocus 3: one manager for each client, decided before its upgrade is answered, and a scope for each
 * document that it opens. Both stand in the `context` of every hook. With `onSlowConsumer: 'drop'` Hocuspocus closes the document of which
 * something was not sent, for its client to read it anew.
 *
 * ```js
 * import { Server } from '@hocuspocus/server';
 * import { createManagerFactory } from '@watertight/server';
 * import { guardHocuspocus } from '@watertight/server/hocuspocus';
 *
 * const factory = createManagerFactory();
 * const { extension } = guardHocuspocus({
 *   factory,
 *   identify: (request) => new URL(request.url, 'http://host').searchParams.get('user'),
 * });
 * const server = new Server({
 *   quiet: true,
 *   extensions: [extension],
 *   connected: async ({ context, documentName }) => {
 *     context.scope.defer(() => console.log(`${context.manager.user} left ${documentName}`));
 *   },
 * });
 * ```
 *
 * Where Hocuspocus runs behind a WebSocketServer of yours, use `guard` of `@watertight/server/ws` instead.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export declare function guardHocuspocus(options: HocuspocusGuardOptions): HocuspocusGuard;
