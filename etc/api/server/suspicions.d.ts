import type { Suspicion, SuspicionStats } from './suspicion.ts';
/** Suspicions that stand. Keeps plain facts only: nothing of what it suspects is kept alive by it. */
export declare class Suspicions {
    #private;
    constructor(host: {
        readonly options: {
            readonly name: string;
        };
        readonly clock: {
            now(): number;
        };
    });
    /** Answers the number to withdraw it by. */
    raise(suspicion: Suspicion): number;
    /** What it was about has gone after all. */
    withdraw(id: number): void;
    stats(): SuspicionStats;
}
