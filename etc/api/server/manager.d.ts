import { type Connection, ConnectionRecord, type ConnectionOwner, type EndCause } from './connection.ts';
import type { AdmissionContext, AdmissionRequest } from './context.ts';
import { Deadline } from './deadline-queue.ts';
import { type Host } from './host.ts';
import type { Emitter, Finalizer, Registration } from './owned.ts';
import type { Registry } from './registry.ts';
import { type ChildScope, type Scope } from './scope.ts';
import { type ReleaseReport, Teardown } from './teardown.ts';
/** `pending`: slot taken, init runs · `active` · `closing`: end issued, slot free · `closed`: nothing left. */
export type ManagerState = 'pending' | 'active' | 'closing' | 'closed';
/** One admitted session of one user. It is the lease on one of the user's slots, and owns what the session acquires. */
export interface Manager extends Scope, AsyncDisposable {
    /** Unique within the process and without meaning. */
    readonly id: string;
    readonly user: string;
    readonly context: AdmissionContext;
    readonly state: ManagerState;
    /** Sockets attached now. */
    readonly connectionCount: number;
    /** Aborted when the end is issued (`destroy`) or when work in flight is done (`close`). Made only when read. */
    readonly signal: AbortSignal;
    /** Resolves when the manager is closed, whoever closed it; never rejects. */
    readonly released: Promise<ReleaseReport>;
    /**
     * Attaches one more socket.
     * @throws WatertightError `WATERTIGHT_E_CONNECTION_LIMIT`, `WATERTIGHT_E_CONNECTION_ENDED` or `WATERTIGHT_E_MANAGER_CLOSED`
     */
    attach(connection: Connection): void;
    /** Runs work that an emergency cleanup must not interrupt and that `close()` waits for, within the cleanup deadline. */
    run<Result>(work: () => Result | Promise<Result>): Promise<Result>;
    /** Drains: the slot is free at once, work in flight may finish, then sockets and resources go. Idempotent. */
    close(reason?: string): Promise<ReleaseReport>;
    /** Aborts: like `close`, without waiting for work in flight. Idempotent. */
    destroy(reason?: string): Promise<ReleaseReport>;
}
/** What a manager needs of its factory beyond what all parts share. */
export interface ManagerHost extends Host {
    readonly idPrefix: string;
    readonly registry: Registry<ManagerRecord>;
    slotFreed(user: string): void;
}
/** */
export declare class ManagerRecord extends Deadline implements Manager, ConnectionOwner {
    #private;
    readonly user: string;
    readonly sequence: number;
    readonly createdAtMs: number;
    state: ManagerState;
    /** Since when it has had no connection; `undefined` while it has one or when it is not meant to have any. */
    emptySinceMs: number | undefined;
    everAttached: boolean;
    inFlight: number;
    /** Why it ended; empty before. */
    reason: string;
    teardown: Teardown | undefined;
    constructor(host: ManagerHost, sequence: number, request: AdmissionRequest, nowMs: number);
    get id(): string;
    get context(): AdmissionContext;
    get connections(): readonly ConnectionRecord[];
    get connectionCount(): number;
    get signal(): AbortSignal;
    get released(): Promise<ReleaseReport>;
    /** The last use of any of its connections: what "idle longest" goes by. */
    get usedAtMs(): number;
    /** The last inbound byte on any of its connections. */
    get lastInboundMs(): number;
    /** From now on it is without the connection that it is to have. */
    expectAttachment(nowMs: number): void;
    /** Starts the time in which init has to finish, and a connection has to be attached if one is expected. */
    limitPending(nowMs: number): void;
    /** Init is done. Answers `false` when the manager ended meanwhile. */
    commit(): boolean;
    attach(connection: Connection): void;
    connectionEnded(_connection: ConnectionRecord, cause: EndCause, endedAtMs: number): void;
    connectionGone(connection: ConnectionRecord): void;
    /** Time is up: for init, for the first connection, or for the grace after the last one. */
    onDue(nowMs: number): void;
    run<Result>(work: () => Result | Promise<Result>): Promise<Result>;
    close(reason?: string): Promise<ReleaseReport>;
    destroy(reason?: string): Promise<ReleaseReport>;
    [Symbol.asyncDispose](): Promise<void>;
    /** The one way out. Whoever comes second finds the slot free already and waits for the same report. */
    end(reason: string, how: 'close' | 'destroy', endedAtMs: number, closeCode?: number): void;
    defer(finalizer: Finalizer, options?: {
        readonly name?: string;
    }): Registration;
    use<Resource extends Disposable | AsyncDisposable>(resource: Resource): Resource;
    listen(emitter: Emitter, event: string | symbol, listener: (...args: never[]) => unknown): Registration;
    every(intervalMs: number, run: () => unknown): Registration;
    after(delayMs: number, run: () => unknown): Registration;
    child(): ChildScope;
}
/** @throws WatertightError `WATERTIGHT_E_CONNECTION_ENDED` */
export declare function assertAttachable(connection: Connection): asserts connection is ConnectionRecord;
