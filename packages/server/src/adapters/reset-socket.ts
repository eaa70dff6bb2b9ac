import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Resets a connection, so that nothing waits for a peer that does not read. Where a FIN is on its way the system refuses to, and a socket
 * that was refused never says that it is closed; what is no TCP, and what speaks TLS over it, cannot be reset at all. Those are destroyed:
 * what was said still arrives.
 */
export function resetSocket(socket: Socket): void {
  const isHalfClosed = socket.writableEnded;
  if (socket.destroyed) return;
  if (isHalfClosed || socket.remoteFamily === undefined || 'encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/** The same for a response, whose connection is nobody else's, except over HTTP/2: there its stream alone is ended. */
export function resetResponse(response: ServerResponse): void {
  if (response.socket === null || 'stream' in response) response.destroy();
  else resetSocket(response.socket);
}
