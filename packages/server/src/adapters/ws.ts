import type { IncomingMessage, Server } from 'node:http';

import type { WebSocketServer } from 'ws';

import { type Manager, type Refusal, WatertightError } from '../index.ts';
import { type Guard, problemsOf, throwIfAny, type UpgradeOptions } from './guard-options.ts';
import { absencesBy, type CloseRefusalOptions } from './network-options.ts';
import { closeRefused } from './refuse.ts';
import type { Door } from './upgrade-desk.ts';
import type { UpgradeIntake } from './upgrade-intake.ts';
import { listenForUpgrades } from './upgrade-listener.ts';
import { acceptWebSocket } from './web-socket-life.ts';

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
    ...problemsOf(options, absencesBy(refusal)),
    ...(refusal === undefined || refusal === 'http' || refusal === 'close'
      ? []
      : [`refusal must be 'http' or 'close', got ${JSON.stringify(refusal)}`]),
  ]);
  if (wss.options.noServer !== true) {
    throw new WatertightError(
      'WATERTIGHT_E_GUARD',
      'guard needs a WebSocketServer made with { noServer: true }; otherwise two would answer each upgrade',
    );
  }
  return listenForUpgrades(server, options, refusal === 'close' ? new TellingDoor(wss) : new WsDoor(wss));
}

class WsDoor implements Door {
  protected readonly wss: WebSocketServer;

  constructor(wss: WebSocketServer) {
    this.wss = wss;
  }

  accept(intake: UpgradeIntake, request: IncomingMessage, manager: Manager): void {
    this.wss.handleUpgrade(request, intake.socket, intake.handOver(), (webSocket) => {
      acceptWebSocket(intake, webSocket);
      const { connection } = intake;
      if (!connection.isWatched) this.wss.emit('connection', webSocket, request, manager);
      else connection.within(() => this.wss.emit('connection', webSocket, request, manager));
    });
  }
}

/** Accepts whoever is refused, to be able to say why. */
class TellingDoor extends WsDoor {
  refuseByClose(intake: UpgradeIntake, request: IncomingMessage, refusal: Refusal): void {
    const { socket } = intake;
    this.wss.handleUpgrade(request, socket, intake.handOver(), (webSocket) => {
      closeRefused(webSocket, refusal);
      socket.resume();
    });
  }
}
