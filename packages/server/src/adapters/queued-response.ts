import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Responses whose turn has not come, by the connection on which they wait: one listener for all of it. */
const queues = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * A client may ask for several things on one connection without waiting for answers. Of these responses Node closes the one that is being
 * written when the connection closes, and says nothing to those that wait behind it: from now on this one is closed as well.
 */
export function closesInTheQueue(response: ServerResponse): void {
  if (response.socket !== null || response.destroyed || response.writableFinished) return;
  const { socket } = response.req;
  if (socket.destroyed) {
    response.destroy();
    return;
  }
  const queue = queues.get(socket) ?? queueOf(socket);
  queue.add(response);
  response.once('socket', () => queue.delete(response));
}

function queueOf(socket: Socket): Set<ServerResponse> {
  const queue = new Set<ServerResponse>();
  queues.set(socket, queue);
  socket.once('close', () => {
    for (const response of queue) response.destroy().emit('close');
  });
  return queue;
}
