import type { Connection } from './connection.ts';
import type { AdmissionContext } from './context.ts';
import type { ReleaseReport } from './release-report.ts';
import type { Scope } from './scope.ts';

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
