import type { Host } from '../host.ts';
/** What the state of a store means to its node. */
interface Listener {
    away(cause: unknown): void;
    back(awayMs: number, mayHaveForgotten: boolean): void;
}
/**
 * Every command to a store: bounded in time, and watched for whether it is there. The first success after a failure means that it is back,
 * unless others go on failing; see `outage.ts`.
 */
export declare class StoreCalls {
    #private;
    timeouts: number;
    failures: number;
    constructor(host: Pick<Host, 'clock' | 'deadlines'>, timeoutMs: number, listener: Listener);
    /** Since the first failure, for as long as anything fails; later failures do not move it. */
    get awaySinceMs(): number | undefined;
    /** Nothing is to be asked for now but whether the store is back. */
    get isAway(): boolean;
    /** A command that admissions depend on. */
    call<Answer>(work: () => Promise<Answer>): Promise<Answer>;
    /** One that somebody waits for who is to be let in. */
    admission<Answer>(work: () => Promise<Answer>): Promise<Answer>;
    /**
     * What is asked from outside, of the store alone: it may take longer, and decides nothing about who is admitted, whatever is asked.
     * @throws InvalidOptionsError (the promise rejects) as the store does.
     */
    question<Answer>(work: () => Promise<Answer>): Promise<Answer>;
    /** The factory is closed: whatever is asked from now on is refused at once, and so is what is not answered yet. */
    end(): void;
    /** The connection was made anew: the store behind it may be another one. */
    reconnected(): void;
    /** Whether everything that this node has is to be renewed now, to know whether the store is back. */
    wantsProof(): boolean;
    /** Everything that this node has was to be renewed; it was begun at `startedAtMs`. What failed of it has been heard of. */
    renewedAll(startedAtMs: number): void;
}
export {};
