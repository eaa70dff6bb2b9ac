import type { Duplex } from 'node:stream';

import type { Connection } from '../index.ts';

/**
 * Whatever comes in is passed on only while the lease of its session is good: a process that stood still hears its sockets before any timer
 * could tell it that its time was over. In front of whoever parses the bytes, whichever library that is.
 */
export function deliverOnlyLeased(socket: Duplex, connection: Connection): void {
  const emit = socket.emit.bind(socket);
  socket.emit = (...args: Parameters<typeof emit>): boolean =>
    (args[0] === 'data' && !connection.delivers()) || emit(...args);
}
