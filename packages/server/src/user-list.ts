import type { UserUsage } from './stats.ts';

/** Which users, and which page of them. */
export interface UserListQuery {
  /** Users who hold fewer managers are left out. Default 0. */
  readonly minHeld?: number | undefined;
  /** Only users whose id contains this, whatever its case. At most 256 characters; default: all. */
  readonly contains?: string | undefined;
  /** Of the page before; left out: the first page. */
  readonly cursor?: string | undefined;
  /** Default 100, at most 1 000. */
  readonly pageSize?: number | undefined;
}

/** Users of one factory, who holds most first. */
export interface UserList {
  readonly users: readonly UserUsage[];
  /** How many there are on all pages together. */
  readonly matching: number;
  /** `undefined`: this was the last page. */
  readonly cursor: string | undefined;
}
