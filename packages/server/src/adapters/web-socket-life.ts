import type { WebSocket } from 'ws';

import type { Connection } from '../index.ts';
import { type BoundedSendOptions, boundSends } from './bounded-send.ts';
import type { UpgradeIntake } from './upgrade-intake.ts';

const INTAKE: unique symbol = Symbol('watertight.intake');

interface WatchedWebSocket extends WebSocket {
  [INTAKE]?: UpgradeIntake;
}

/** The socket of the intake is a WebSocket of the `ws` package now. */
export function acceptWebSocket(intake: UpgradeIntake, webSocket: WebSocket, bound?: BoundedSendOptions): void {
  intake.accepted(webSocket);
  // What is compressed is handed out later than its bytes.
  webSocket.on('message', webSocket.extensions === '' ? onMessage : onLateMessage);
  webSocket.on('error', onProtocolError);
  (webSocket as WatchedWebSocket)[INTAKE] = intake;
  if (intake.connection.isWatched) watchCode(webSocket, intake.connection);
  if (intake.connection.isBounded) boundSends(webSocket, intake.connection, bound);
}

/** Development mode: whatever listens to the socket runs as code of the manager. */
function watchCode(webSocket: WebSocket, connection: Connection): void {
  const emit = webSocket.emit.bind(webSocket);
  webSocket.emit = (...args: Parameters<typeof emit>) => connection.within(() => emit(...args));
}

// One function each for all sockets: no closure per connection.

/** The bytes of the message are told when its chunk has been read whole. */
function onMessage(this: WatchedWebSocket): void {
  this[INTAKE]?.connection.usedByChunk();
}

function onLateMessage(this: WatchedWebSocket): void {
  this[INTAKE]?.connection.used();
}

/** Nobody else has to listen for it to keep the process alive. */
function onProtocolError(this: WatchedWebSocket): void {
  this[INTAKE]?.ended('client-error');
}
