import { LateError } from '../quota/late-error.ts';

/** A client of `redis` (node-redis), made by `createClient` or `createClientPool`. */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** A cluster of `redis` (node-redis), made by `createCluster`. */
export interface NodeRedisCluster {
  sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>;
  readonly masters: readonly unknown[];
  nodeClient(node: never): unknown;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** Sentinels of `redis` (node-redis), made by `createSentinel`. */
export interface NodeRedisSentinel {
  sendCommand(isReadonly: boolean | undefined, args: string[]): Promise<unknown>;
  getMasterNode(): unknown;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** A `Redis` or `Cluster` of `ioredis` or `iovalkey`. */
export interface IoRedisClient {
  call(command: string, args: string[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** A client by its shape: nothing of the packages is imported. It is to be this quota's own. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | NodeRedisSentinel | IoRedisClient;

/** Any of them behind one call. */
export interface Connection {
  readonly kind: string;
  readonly isCluster: boolean;
  /** `key` says which node of a cluster is meant. */
  send(key: string, args: string[]): Promise<unknown>;
  /** The nodes that hold keys, each as a way to send it a command. */
  shards(): readonly ((args: string[]) => Promise<unknown>)[];
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

export function connectionOf(client: RedisClient): Connection {
  const on = (event: string, listener: () => void): void => {
    client.on(event, listener);
  };
  const off = (event: string, listener: () => void): void => {
    client.off(event, listener);
  };
  if ('call' in client) {
    const send = (_key: string, args: string[]): Promise<unknown> =>
      client.call(args[0] ?? '', args.slice(1)).catch((error: unknown) => {
        throw wasLate(error) ? new LateError('the client gave it up', { cause: error }) : error;
      });
    const isCluster = 'isCluster' in client && client.isCluster === true;
    const shards = (): ((args: string[]) => Promise<unknown>)[] =>
      (isCluster ? mastersOf(client) : [client]).map((node) => (args) => node.call(args[0] ?? '', args.slice(1)));
    return { kind: 'ioredis', isCluster, send, shards, on, off };
  }
  if ('masters' in client) {
    const send = (key: string, args: string[]): Promise<unknown> => client.sendCommand(key, false, args);
    const shards = (): ((args: string[]) => Promise<unknown>)[] =>
      client.masters.map((node) => async (args) => {
        const single = (await client.nodeClient(node as never)) as NodeRedisClient;
        return single.sendCommand(args);
      });
    return { kind: 'node-redis', isCluster: true, send, shards, on, off };
  }
  if ('getMasterNode' in client) {
    const send = (_key: string, args: string[]): Promise<unknown> => client.sendCommand(false, args);
    return { kind: 'node-redis', isCluster: false, send, shards: () => [(args) => send('', args)], on, off };
  }
  const send = (_key: string, args: string[]): Promise<unknown> => client.sendCommand(args);
  return { kind: 'node-redis', isCluster: false, send, shards: () => [(args) => send('', args)], on, off };
}

/** Of ioredis and iovalkey, which say so in no other way. */
function wasLate(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out';
}

/**
 * The nodes of a cluster of ioredis that hold keys. One that is down is left out by it, without a word, and with it the users that lie there.
 * @throws Error when one is missing.
 */
function mastersOf(client: IoRedisClient): readonly IoRedisClient[] {
  const cluster = client as IoRedisClient & { nodes(role: 'master'): readonly IoRedisClient[] };
  const masters = cluster.nodes('master');
  const slots: unknown = Reflect.get(client, 'slots');
  const owners = new Set((Array.isArray(slots) ? (slots as unknown[]) : []).map(ownerOf));
  owners.delete(undefined);
  const most = Math.max(1, owners.size);
  if (masters.length < most)
    throw new Error(`${most - masters.length} of ${most} servers of the cluster cannot be asked`);
  return masters;
}

/** The server that has a slot, of all that do in the order in which they are asked. */
function ownerOf(servers: unknown): unknown {
  return Array.isArray(servers) ? (servers as unknown[])[0] : undefined;
}
