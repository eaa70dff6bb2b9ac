import type { Host } from '../host.ts';
import { type LeaseTerms } from './lease-terms.ts';
import { Overrides } from './overrides.ts';
import type { StoreCalls } from './store-calls.ts';
import type { StoreClock } from './store-clock.ts';
import type { LeaseOwner, LeaseStore } from './types.ts';
interface PulseOwner {
    readonly nodeId: string;
    readonly store: LeaseStore;
    readonly terms: LeaseTerms;
    readonly calls: StoreCalls;
    readonly storeClock: StoreClock;
    ownerOf(user: string): LeaseOwner;
    /** Limits or leases were changed by hand: what was refused for a moment is asked anew; without a user, of everybody. */
    forgetRefusals(user?: string): void;
}
interface PulseActions {
    renewAll(): Promise<void>;
    renew(user: string): Promise<void>;
    suspect(user: string): void;
}
/** What a node does by the clock: renew its leases, say that it lives, hear what others have to say. On the factory's one timer. */
export declare class Pulse {
    #private;
    readonly overrides: Overrides;
    /** Nodes that live, as far as is known; this one is. */
    nodes: number;
    constructor(host: Host, owner: PulseOwner, actions: PulseActions);
    start(): void;
    /** Resolves when the store knows of no beat that it has not answered: a late one would say that this node lives. */
    stop(): Promise<void>;
    /** The store is away: its return is waited for. */
    hurry(): void;
    beatNow(): void;
    /** Looks after the leases of a user in the next turn of the loop. */
    renewSoon(user: string): void;
}
export {};
