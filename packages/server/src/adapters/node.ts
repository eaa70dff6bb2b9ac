import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { isThenable } from '../thenable.ts';
import type { Manager } from '../index.ts';
import { type Guard, OF_UPGRADES, problemsOf, throwIfAny, type UpgradeOptions } from './guard-options.ts';
import { WITHOUT_CLOSE_CODES } from './network-options.ts';
import { acceptRawWebSocket } from './raw-web-socket.ts';
import { listenForUpgrades, problemsOfServer } from './upgrade-listener.ts';

export type { Guard, UpgradeOptions } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

/** Takes the socket of an admitted client over. It flows once this has returned, or what it returned is fulfilled; `head` is always empty. */
export type AcceptUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, manager: Manager) => unknown;

export interface GuardUpgradesOptions extends UpgradeOptions {
  /**
   * Answers the upgrade of an admitted client: writes the 101 itself or hands the socket to a WebSocket library. It adds its `data`
   * listener before it returns, or before what it returns is fulfilled. From then on the guard writes ping and close frames between its frames. Throwing closes the socket.
   */
  readonly accept: AcceptUpgrade;
}

/**
 * Puts a factory in front of the `upgrade` events of a Node server, whoever speaks WebSocket behind it:
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { guardUpgrades } from '@watertight/server/node';
 * import { WebSocketServer } from 'ws';
 *
 * const server = createServer();
 * const wss = new WebSocketServer({ noServer: true });
 * const factory = createManagerFactory();
 * guardUpgrades(server, {
 *   factory,
 *   identify: (request) => new URL(request.url, 'http://host').searchParams.get('user'),
 *   accept: (request, socket, head, manager) =>
 *     wss.handleUpgrade(request, socket, head, (webSocket) => {
 *       manager.every(1000, () => webSocket.send(`hello ${manager.user}`));
 *     }),
 * });
 * ```
 *
 * `maxBufferedBytes` counts what is written to the socket, compressed if it is; pings, pongs and closes always pass.
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export function guardUpgrades(server: Server, options: GuardUpgradesOptions): Guard {
  const { accept, factory } = options;
  throwIfAny([
    ...problemsOf(options, WITHOUT_CLOSE_CODES, [...OF_UPGRADES, 'accept']),
    ...problemsOfServer(server),
    ...(typeof accept === 'function' ? [] : [`accept must be a function, got ${typeof accept}`]),
  ]);
  return listenForUpgrades(server, options, {
    accept: (intake, request, manager) => {
      intake.giveBack();
      const accepted = accept(request, intake.socket, NO_HEAD, manager);
      if (!isThenable(accepted)) {
        acceptRawWebSocket(intake);
        return;
      }
      accepted.then(
        () => acceptRawWebSocket(intake),
        (error: unknown) => {
          factory.recordError(error, 'connection-listener', manager.user);
          intake.socket.destroy();
        },
      );
    },
  });
}

/** Whatever came behind the request is back in the socket. */
const NO_HEAD = Buffer.alloc(0);
