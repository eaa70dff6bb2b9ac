// @ts-check
/** @import { WebSocket } from 'ws' */

const PING_EVERY_MS = 300;

/** Whoever did not answer a ping by the next one is terminated. @param {WebSocket} socket @param {() => void} [onSilent] */
export function endSilent(socket, onSilent) {
  let isAlive = true;
  socket.on('pong', () => (isAlive = true));
  const heartbeat = setInterval(() => {
    if (!isAlive) {
      onSilent?.();
      socket.terminate();
    }
    isAlive = false;
    socket.ping();
  }, PING_EVERY_MS);
  socket.on('close', () => clearInterval(heartbeat));
}
