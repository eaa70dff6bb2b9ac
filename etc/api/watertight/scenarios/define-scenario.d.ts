import type { FactoryStats, UserUsage } from '@watertight/server';
import type { Client, Refused } from '../drive/types.ts';
import type { Figure } from '../verdict/types.ts';
import type { StepDefinition, StepOutcome } from './types.ts';
/** A scenario of your own: what `--scenario <file>` loads. It only opens, uses, drops, stalls and closes real sockets. */
export interface ScenarioDefinition {
    /** In kebab case; what `--only` takes and reports show. */
    readonly name: string;
    /** One sentence: what holds in a healthy server. */
    readonly purpose: string;
    /** Every step, in the order in which it is shown. Its id is `<short name>/<kebab-sentence>`. */
    readonly steps: readonly StepDefinition[];
    /** Sockets opened at most, said before the run. Default: 100. */
    readonly maxSockets?: number;
    /** Seconds taken at most, said before the run. Default: 10. */
    readonly maxSeconds?: number;
    /**
     * Plays it; once more, with other users, where a step was broken while an event loop stood still. A step that is neither checked nor
     * skipped is `not run`; what it throws makes the steps that are left `inconclusive`.
     */
    run(world: ScenarioWorld): Promise<void>;
}
/** What became of one attempt to be let in. */
export type Entry = {
    readonly admitted: true;
    readonly client: Client;
} | {
    readonly admitted: false;
    readonly refusal: Refused;
};
/** What a scenario has to work with. Every client is disposed at its end, whatever comes of it. */
export interface ScenarioWorld {
    /** Promised managers per user; `undefined` when nobody promised a limit. */
    readonly limit: number | undefined;
    /** The promised cleanup deadline in milliseconds; 500 when nobody promised one. */
    readonly deadlineMs: number;
    /** Milliseconds within which a silent peer is promised to be noticed, if that can be waited for in a check; else `undefined`. */
    readonly silenceMs: number | undefined;
    /** The run was asked for the long way (`--long`). */
    readonly isLong: boolean;
    /** Aborted on Ctrl-C, at the time-out, or when the target ended. */
    readonly signal: AbortSignal;
    /** Uniform in [0, 1), decided by the seed. */
    random(): number;
    /** The user id for a number; numbers from 10 000 on are used by nobody else. */
    user(index: number): string;
    /** One attempt; never rejects for a refusal. `session`: the same for all tabs of one browser, sent as a cookie. */
    enter(user: string, options?: {
        readonly session?: string;
    }): Promise<Entry>;
    /** Tries again until somebody who just ended has given the place back, for at most `patienceMs`. */
    enterWithin(user: string, patienceMs: number): Promise<Entry>;
    /** Lets `count` clients of a user in; stops at refusals, and answers who got in. */
    fill(user: string, count: number): Promise<Client[]>;
    /** How many of these clients answer a ping within `withinMs` (default 2 000). */
    countAnswering(clients: readonly Client[], withinMs?: number): Promise<number>;
    /** How many of these the server let go of (FIN or RST seen on the wire) within `withinMs` each. After our own reset nothing can be seen. */
    countGone(clients: readonly Client[], withinMs: number): Promise<number>;
    /** What the server itself says about a user; `undefined` where no factory of `@watertight/server` can be asked. */
    usage(user: string): Promise<UserUsage | undefined>;
    /** The statistics of the server; `undefined` where no factory can be asked. */
    stats(): Promise<FactoryStats | undefined>;
    /** Judges one step; answers whether it held. */
    check(stepId: string, run: () => StepOutcome | Promise<StepOutcome>): Promise<boolean>;
    /** A step that could not be looked at, with the reason. */
    skip(stepId: string, status: 'not visible' | 'not promised' | 'inconclusive' | 'not run', note: string): void;
    /** A figure of the scenario, told and not judged. */
    figure(name: string, value: Figure): void;
    /** Looks again and again (every 20 ms) until it is done or `withinMs` have passed. */
    until<T>(look: () => Promise<T> | T, done: (seen: T) => boolean, withinMs: number): Promise<{
        readonly reached: boolean;
        readonly last: T;
        readonly afterMs: number;
    }>;
    /** The pace of the clients themselves. Rejects when the run is aborted. */
    pause(ms: number): Promise<void>;
}
/** Answers its argument: for completion and type checks in the file of a scenario of your own. */
export declare function defineScenario(scenario: ScenarioDefinition): ScenarioDefinition;
