import { type LeaseOptions, type Quota } from '../quota/lease-terms.ts';
import { type RedisClient } from './client.ts';
/** Options of {@link redisQuota}; only the client has no default. */
export interface RedisQuotaOptions extends LeaseOptions {
    /**
     * A client of redis (node-redis), ioredis or iovalkey, standalone, Sentinel or cluster. It is this quota's own: no offline queue, and no command
     * time-out above `commandTimeoutMs`. Whoever made it closes it, after the factory.
     */
    readonly client: RedisClient;
    /** What every key begins with. Default `'wt:'`; short ones save memory. */
    readonly prefix?: string;
}
export type RedisQuota = Quota;
/**
 * One limit for all nodes that use the same Redis or Valkey, 6.2 or later.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { redisQuota } from '@watertight/server/redis';
 * import { createClient } from 'redis';
 *
 * const client = await createClient({ url: process.env.REDIS_URL, disableOfflineQueue: true }).connect();
 * const factory = createManagerFactory({ maxManagersPerUser: 20, quota: redisQuota({ client }) });
 * factory.start();
 * const admission = await factory.admit({ user: 'ada' }, { withoutConnection: true });
 * const everywhere = await factory.shared.usage('ada');
 * if (admission.admitted) await admission.manager.close();
 * await factory.close();
 * await client.close();
 * ```
 *
 * @throws InvalidOptionsError naming every problem at once, what is wrong with the client among them.
 */
export declare function redisQuota(options: RedisQuotaOptions): RedisQuota;
