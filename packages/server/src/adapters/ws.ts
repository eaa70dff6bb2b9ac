import type { Server } from 'node:http';

import type { WebSocketServer } from 'ws';

import { WatertightError } from '../index.ts';
import { show } from '../show.ts';
import { type Guard, OF_UPGRADES, problemsOf, throwIfAny, type UpgradeOptions } from './guard-options.ts';
import { absencesBy, type CloseRefusalOptions } from './network-options.ts';
import { listenForUpgrades, problemsOfServer } from './upgrade-listener.ts';
import { doorOf, problemsOfRefusal } from './ws-door.ts';

export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';

export interface GuardOptions extends UpgradeOptions, CloseRefusalOptions {
  /** `'http'` (default) refuses the upgrade; `'close'` accepts it and closes with a code, which is all that a browser gets to see. */
  readonly refusal?: 'http' | 'close';
}

/**
 * Puts a factory in front of a `WebSocketServer` in `noServer` mode. Its `connection` event then has the manager as third argument:
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { guard } from '@watertight/server/ws';
 * import { WebSocketServer } from 'ws';
 *
 * const server = createServer();
 * const wss = new WebSocketServer({ noServer: true });
 * const factory = createManagerFactory();
 * guard(server, wss, { factory, identify: (request) => new URL(request.url, 'http://host').searchParams.get('user') });
 *
 * wss.on('connection', (socket, request, manager) => {
 *   manager.every(1000, () => socket.send(`hello ${manager.user}`));
 * });
 * ```
 *
 * @throws InvalidOptionsError, or WatertightError `WATERTIGHT_E_GUARD` when `wss` is not in `noServer` mode.
 */
export function guard(server: Server, wss: WebSocketServer, options: GuardOptions): Guard {
  const { refusal } = options;
  throwIfAny([
    ...problemsOf(options, absencesBy(refusal), [...OF_UPGRADES, 'refusal']),
    ...problemsOfRefusal(refusal),
    ...problemsOfServer(server),
    ...(typeof wss?.handleUpgrade === 'function' ? [] : [`wss must be a WebSocketServer of ws, got ${show(wss)}`]),
  ]);
  if (wss.options.noServer !== true) {
    throw new WatertightError(
      'WATERTIGHT_E_GUARD',
      'guard needs a WebSocketServer made with { noServer: true }; otherwise two would answer each upgrade',
    );
  }
  return listenForUpgrades(server, options, doorOf(wss, refusal));
}
