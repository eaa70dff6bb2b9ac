import { Redis as IoRedis } from 'ioredis';
import { Redis as IoValkey } from 'iovalkey';
import { createClient } from 'redis';
import type { RedisClient } from '../../src/redis/client.ts';
import { atEnd } from '../factory-kit.ts';

/** How to connect with each of the packages, as the documentation says. */
export const CLIENTS = {
  'node-redis': async (port: number): Promise<RedisClient> => {
    const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true });
    client.on('error', () => undefined);
    await client.connect();
    atEnd(() => client.destroy());
    return client;
  },
  ioredis: (port: number, commandTimeout = 250): Promise<RedisClient> =>
    ready(new IoRedis(port, '127.0.0.1', { ...STRICT, commandTimeout })),
  iovalkey: (port: number, commandTimeout = 250): Promise<RedisClient> =>
    ready(new IoValkey(port, '127.0.0.1', { ...STRICT, commandTimeout })),
} as const;

export type ClientName = keyof typeof CLIENTS;

const STRICT = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  retryStrategy: () => 50,
} as const;

async function ready(client: IoRedis | IoValkey): Promise<RedisClient> {
  client.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    client.once('ready', () => resolve());
  });
  atEnd(() => client.disconnect());
  return client;
}
