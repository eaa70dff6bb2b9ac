import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { Hooks, Peer } from 'crossws';

import { isThenable } from '../thenable.ts';
import { type Manager, WatertightError } from '../index.ts';
import {
  type DecisionOptions,
  type Guard,
  problemsOf,
  throwIfAny,
  type UpgradeNetworkOptions,
} from './guard-options.ts';
import { WITHOUT_CLOSE_CODES } from './network-options.ts';
import { acceptRawWebSocket } from './raw-web-socket.ts';
import { UpgradeDesk } from './upgrade-desk.ts';
import type { UpgradeIntake } from './upgrade-intake.ts';

export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

declare module 'crossws' {
  interface PeerContext {
    /** Of a peer that was admitted by {@link guardCrossws}. */
    manager?: Manager;
  }
}

export interface CrosswsGuardOptions extends DecisionOptions, UpgradeNetworkOptions {}

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
export function guardCrossws(options: CrosswsGuardOptions): CrosswsGuard {
  throwIfAny(problemsOf(options, WITHOUT_CLOSE_CODES));
  const { factory } = options;
  const admitted = new WeakMap<IncomingMessage, (manager: Manager) => void>();
  const intakes = new WeakMap<Manager, UpgradeIntake>();
  const desk = new UpgradeDesk(options, {
    accept: (intake, request, manager) => {
      intakes.set(manager, intake);
      intake.giveBack();
      admitted.get(request)?.(manager);
    },
  });
  factory.start();

  /** Stays pending when the client is refused or gone: the desk has answered, and nobody waits for anything any more. */
  const admit = ({ request, socket, head }: NodeUpgrade): Promise<Manager> => {
    const decided = new Promise<Manager>((resolve) => void admitted.set(request, resolve));
    // crossws keeps what came behind the request, and hands it to the WebSocket.
    desk.upgrade(request, socket, head, false);
    return decided;
  };
  const intakeOf = ({ context: { manager } }: Peer): UpgradeIntake | undefined =>
    manager === undefined ? undefined : intakes.get(manager);
  const opened = (peer: Peer, open: Hooks['open'] | undefined): void => {
    const { manager } = peer.context;
    const intake = intakeOf(peer);
    if (manager === undefined || intake === undefined) return;
    const failed = (error: unknown): void => {
      factory.recordError(error, 'connection-listener', manager.user);
      intake.socket.destroy();
    };
    acceptRawWebSocket(intake);
    try {
      const result: unknown = intake.connection.within(() => open?.(peer));
      if (isThenable(result)) result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  };
  return {
    factory,
    get pendingCount() {
      return desk.pendingCount;
    },
    managerOf: (peer) => peer.context.manager,
    close: () => desk.close(),
    hooks: (theirs = {}) => ({
      ...theirs,
      upgrade: async (request) => {
        const manager = await admit(nodeUpgradeOf(request));
        // A route behind these hooks may answer an upgrade of its own, and what it answers is taken instead of this.
        if (request.context !== undefined) Object.assign(request.context, { manager });
        const answer = await theirs.upgrade?.(request);
        if (answer instanceof Response) return answer;
        return { ...answer, context: { ...answer?.context, manager } };
      },
      open: (peer) => opened(peer, theirs.open),
      // It knows earlier than the raw socket that what came was not WebSocket.
      error: (peer, error) => {
        intakeOf(peer)?.ended('client-error');
        return theirs.error?.(peer, error);
      },
    }),
  };
}

/** The upgrade of Node behind a request of the web. */
interface NodeUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface RequestOnNode extends Request {
  readonly runtime?: {
    readonly node?: {
      readonly req: IncomingMessage;
      readonly upgrade?: { readonly socket: Duplex; readonly head: Buffer };
    };
  };
}

function nodeUpgradeOf(request: Request): NodeUpgrade {
  const node = (request as RequestOnNode).runtime?.node;
  if (node?.upgrade === undefined) {
    throw new WatertightError(
      'WATERTIGHT_E_GUARD',
      'guardCrossws needs hooks that are served by crossws/server/node; with nodeAdapter alone use guardUpgrades',
    );
  }
  const { socket, head } = node.upgrade;
  return { request: node.req, socket, head };
}
