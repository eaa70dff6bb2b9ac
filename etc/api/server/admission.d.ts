import type { Connection } from './connection.ts';
import type { Manager } from './manager.ts';
import type { Refusal } from './refusals.ts';
export interface AdmitOptions {
    /**
     * The socket, when there is one already. It is attached before `init` runs: should the client leave, the half-built
     * manager is disposed of.
     */
    readonly connection?: Connection | undefined;
    /** Runs while the manager is pending. Throwing refuses the admission; the manager and what it acquired are disposed of. */
    readonly init?: ((manager: Manager) => unknown) | undefined;
    /** A session without any socket: it is not expected to get one before `pendingDeadlineMs`. Default `false`. */
    readonly withoutConnection?: boolean;
    /** For adapters: `factory.screen` has counted it already. Default `false`. */
    readonly screened?: boolean;
}
export interface Admitted {
    readonly admitted: true;
    readonly manager: Manager;
}
/** Admitted with a manager, or refused with a reason. */
export type Admission = Admitted | Refusal;
