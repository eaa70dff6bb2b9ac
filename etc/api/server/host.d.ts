import type { Clock } from './clock.ts';
import type { DeadlineQueue } from './deadline-queue.ts';
import type { Leftovers } from './development/leftovers.ts';
import type { ErrorStage, Hooks, ResolvedOptions } from './options.ts';
import type { SendBound } from './slow-consumer.ts';
import type { Suspicions } from './suspicions.ts';
import type { Tally } from './tally.ts';
import type { UserLimits } from './user-limits.ts';
/** What every part of a factory shares. */
export interface Host {
    readonly options: ResolvedOptions;
    readonly clock: Clock;
    readonly deadlines: DeadlineQueue;
    readonly tally: Tally;
    readonly limits: UserLimits;
    readonly onError: Hooks['onError'];
    /** Where there is a bound for what waits to be sent. */
    readonly slowConsumers: SendBound | undefined;
    readonly suspicions: Suspicions;
    /** In development mode only. */
    readonly leftovers: Leftovers | undefined;
}
/** Hands an error of somebody else's code to `onError` and to the event channel. */
export declare function reportError(host: Pick<Host, 'options' | 'onError'>, error: unknown, stage: ErrorStage, user?: string, name?: string): void;
