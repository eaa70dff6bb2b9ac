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
export declare function connectionOf(client: RedisClient): Connection;
