import type { ActionName, FactoryLook, Overview, UserPage } from '@watertight/dashboard';

export type { ActionName, FactoryLook, Overview, UserPage };
export type { ActionEvent, AlertChange, Change, EndedManager, History } from '@watertight/dashboard';

export type Stats = FactoryLook['stats'];
export type Usage = Stats['perUser'][number];
export type Alert = FactoryLook['alerts'][number];
export type ManagerLook = UserPage['look']['managers'][number];

/** A page of users of this process. */
export interface UserList {
  readonly users: readonly Usage[];
  readonly matching: number;
  readonly cursor?: string;
}

/** A page of users of all nodes. */
export interface SharedUsers {
  readonly users: readonly { readonly user: string; readonly held: number }[];
  readonly cursor?: string;
}

/** Who looks, and what it may do. */
export interface Session {
  readonly name: string;
  readonly access: 'token' | 'function' | 'loopback';
  readonly actions: readonly ActionName[];
}
