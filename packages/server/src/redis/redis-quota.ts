import { throwIfNoOptions } from '../given-options.ts';
import { type LeaseOptions, type Quota, resolveTerms } from '../quota/lease-terms.ts';
import { clientProblems, takeClient } from './client-problems.ts';
import { type RedisClient, connectionOf } from './client.ts';
import { Keys, type Scope } from './keys.ts';
import { RedisStore } from './redis-store.ts';

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

const OWN_OPTIONS: ReadonlySet<string> = new Set(['client', 'prefix']);

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
export function redisQuota(options: RedisQuotaOptions): RedisQuota {
  throwIfNoOptions(options, 'redisQuota must be an object with a client');
  const { client, prefix = 'wt:', ...leaseOptions } = options;
  const found: string[] = [];
  if (typeof prefix !== 'string' || prefix.length > 100 || /[{}\s]/.test(prefix))
    found.push(
      `prefix must be a string of at most 100 characters without braces and blanks; got ${JSON.stringify(prefix)}`,
    );
  const { commandTimeoutMs = 250 } = leaseOptions;
  found.push(...clientProblems(client, commandTimeoutMs));
  const terms = resolveTerms(leaseOptions, OWN_OPTIONS, found);
  takeClient(client);
  const connection = connectionOf(client);
  // A client without one would end the process when its connection fails; that it is away is told by events of the factory.
  connection.on('error', () => undefined);
  const scope: Scope = terms.maxOfFleet < Infinity ? 'fleet' : terms.maxPerTenant < Infinity ? 'tenant' : 'user';
  return { store: new RedisStore(connection, new Keys(prefix, scope), terms.ttlMs), terms };
}
