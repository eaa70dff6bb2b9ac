import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * A socket that is upgraded has no listener for its errors until somebody adds one. Where others are asked before the desk, and take
 * time, a client that resets meanwhile would end the process. Answers how to stop.
 */
export function outliveErrors(server: EventEmitter, concerns: (request: IncomingMessage) => boolean): () => void {
  const onUpgrade = (request: IncomingMessage, socket: Duplex): void => {
    if (concerns(request)) socket.on('error', ignore);
  };
  server.on('upgrade', onUpgrade);
  return () => void server.off('upgrade', onUpgrade);
}

/** The socket is destroyed by its error, and whoever is asked about it next finds it so. */
function ignore(): void {}
