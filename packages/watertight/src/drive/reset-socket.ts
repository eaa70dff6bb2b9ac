import type { Socket } from 'node:net';

/**
 * Resets a connection. Behind a FIN that is on its way the system refuses to, and a socket that is destroyed after such a refusal
 * never says that it is closed: it is reset once the FIN has left, and may be destroyed before that.
 */
export function resetSocket(socket: Socket): void {
  const isHalfClosing = socket.writableEnded && !socket.writableFinished && !socket.destroyed;
  if (isHalfClosing) socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
