import type { UserLimits } from '../user-limits.ts';
import type { StoreCalls } from './store-calls.ts';
import type { LeaseOwner, LeaseStore, StoredOverride } from './types.ts';
interface OverridesOwner {
    readonly store: LeaseStore;
    readonly calls: StoreCalls;
    ownerOf(user: string): LeaseOwner;
    forgetRefusals(user?: string): void;
}
/** Limits of single users, the same on all nodes: written through to the store, and read from it when they have changed. */
export declare class Overrides {
    #private;
    version: number;
    constructor(limits: UserLimits, owner: OverridesOwner);
    /** It holds here at once, and everywhere when the store knows it. */
    set(user: string, maxManagers: number | null): void;
    /** Writes what is not written yet, each once, whoever asks for it meanwhile. Rejects when the store is away. */
    write(): Promise<void>;
    read(overrides: readonly StoredOverride[], version: number): void;
}
export {};
