import { atEnd } from '../factory-kit.ts';
import { RedisServer } from './redis-server.ts';

/** A real server that is stopped when the test is over. */
export async function redis(settings: readonly string[] = []): Promise<RedisServer> {
  const server = await RedisServer.start(settings);
  atEnd(() => server.stop());
  return server;
}
