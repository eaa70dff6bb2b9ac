import type { SpecimenManager } from './specimen-manager.ts';

/** What an attempt comes to. */
export type Admission = { readonly admitted: true; readonly manager: SpecimenManager } | Refusal;

/** Why not, as a value. */
export interface Refusal {
  readonly admitted: false;
  readonly reason:
    | 'user-limit'
    | 'banned'
    | 'server-limit'
    | 'client-left'
    | 'init-failed'
    | 'ended-during-init'
    | 'draining'
    | 'user-rate'
    | 'address-rate'
    | 'server-rate'
    | 'overloaded'
    | 'address-limit';
  readonly httpStatus: number;
  readonly retryAfterMs: number;
  readonly limit: number;
  readonly held: number;
}
