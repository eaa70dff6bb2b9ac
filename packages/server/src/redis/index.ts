export { redisQuota, type RedisQuota, type RedisQuotaOptions } from './redis-quota.ts';
export type { IoRedisClient, NodeRedisClient, NodeRedisCluster, NodeRedisSentinel, RedisClient } from './client.ts';
