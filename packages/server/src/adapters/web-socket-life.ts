import type { WebSocket } from 'ws';

import { boundSends } from './bounded-send.ts';
import type { UpgradeIntake } from './upgrade-intake.ts';

const INTAKE: unique symbol = Symbol('watertight.intake');

interface WatchedWebSocket extends WebSocket {
  [INTAKE]?: UpgradeIntake;
}

/** The socket of the intake is a WebSocket of the `ws` package now. */
export function acceptWebSocket(intake: UpgradeIntake, webSocket: WebSocket): void {
  intake.accepted(webSocket);
  webSocket.on('message', onMessage);
  webSocket.on('error', onProtocolError);
  (webSocket as WatchedWebSocket)[INTAKE] = intake;
  if (intake.connection.isBounded) boundSends(webSocket, intake.connection);
}

// One function each for all sockets: no closure per connection.

function onMessage(this: WatchedWebSocket): void {
  this[INTAKE]?.connection.used();
}

/** Nobody else has to listen for it to keep the process alive. */
function onProtocolError(this: WatchedWebSocket): void {
  this[INTAKE]?.ended('client-error');
}
