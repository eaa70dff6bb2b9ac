import { createServer } from 'node:net';
import { once } from 'node:events';

/**
 * A port that was free a moment ago. The inspector needs a number beforehand: with 0, `node:cluster` would hand the ports
 * 1, 2, 3 … to its workers, and Node refuses to start with those.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address === null || typeof address === 'string' ? 0 : address.port;
}
