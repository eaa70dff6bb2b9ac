import type { IncomingMessage } from 'node:http';

import type { Extension, Server } from '@hocuspocus/server';
import type { WebSocket } from 'ws';

import type { ChildScope, Manager } from '../index.ts';
import {
  type DecisionOptions,
  type Guard,
  problemsOf,
  throwIfAny,
  type UpgradeNetworkOptions,
} from './guard-options.ts';
import { WITHOUT_CLOSE_CODES } from './network-options.ts';
import { UpgradeDesk } from './upgrade-desk.ts';
import { outliveErrors } from './upgrade-errors.ts';
import type { UpgradeIntake } from './upgrade-intake.ts';
import { acceptWebSocket } from './web-socket-life.ts';

export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

export interface HocuspocusGuardOptions extends DecisionOptions, UpgradeNetworkOptions {}

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

/** Extensions of a higher priority are asked first; theirs has 100 unless it says otherwise. */
const FIRST = 1_000_000;

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
export function guardHocuspocus(options: HocuspocusGuardOptions): HocuspocusGuard {
  throwIfAny(problemsOf(options, WITHOUT_CLOSE_CODES));
  const { factory } = options;
  const visits = new WeakMap<IncomingMessage, Visit>();
  const scopes = new WeakMap<Manager, Map<string, ChildScope>>();
  const desk = new UpgradeDesk(options, {
    accept: (intake, request, manager) => {
      intake.giveBack();
      const visit = visits.get(request);
      if (visit === undefined) return;
      visit.admitted = { intake, manager };
      visit.next();
    },
  });
  const served = new WeakSet<Server>();
  const stopOutliving: (() => void)[] = [];
  factory.start();

  const accept = (webSocket: WebSocket, request: IncomingMessage): void => {
    const admitted = visits.get(request)?.admitted;
    if (admitted !== undefined) acceptWebSocket(admitted.intake, webSocket);
  };
  const extension: Extension = {
    extensionName: '@watertight/server',
    priority: FIRST,
    onConfigure: async ({ instance }) => {
      // Extensions of a higher priority may take time.
      if (instance.server) stopOutliving.push(outliveErrors(instance.server.httpServer, () => true));
    },
    /** Stays pending when the client is refused or gone: the desk has answered, and nobody waits for anything any more. */
    onUpgrade: ({ request, head, instance }) =>
      new Promise((next) => {
        const { server } = instance;
        if (server && !served.has(server)) {
          served.add(server);
          server.webSocketServer.on('connection', accept);
        }
        visits.set(request, { next: () => next(undefined), admitted: undefined });
        // Hocuspocus keeps what came behind the request, and hands it to the WebSocket.
        desk.upgrade(request, request.socket, head as Buffer, false);
      }),
    onConnect: async ({ request, documentName, context }): Promise<HocuspocusContext | undefined> => {
      const manager = visits.get(request)?.admitted?.manager;
      if (manager === undefined) return undefined;
      const ofManager = scopes.get(manager) ?? new Map<string, ChildScope>();
      scopes.set(manager, ofManager);
      await ofManager.get(documentName)?.close();
      const scope = manager.child();
      ofManager.set(documentName, scope);
      const known: HocuspocusContext = { manager, scope };
      // What is answered is in the context of later hooks; those behind this one at the same hook were given this object already.
      Object.assign(context as object, known);
      return known;
    },
    onDisconnect: async ({ context, documentName }) => {
      const { manager, scope } = context as Partial<HocuspocusContext>;
      const ofManager = manager === undefined ? undefined : scopes.get(manager);
      if (ofManager?.get(documentName) === scope) ofManager?.delete(documentName);
      await scope?.close();
    },
  };
  return {
    factory,
    extension,
    get pendingCount() {
      return desk.pendingCount;
    },
    close: () => {
      for (const stop of stopOutliving.splice(0)) stop();
      desk.close();
    },
  };
}

/** A request between the hook of its upgrade and its WebSocket. */
interface Visit {
  readonly next: () => void;
  admitted: { readonly intake: UpgradeIntake; readonly manager: Manager } | undefined;
}
