import { type Clock } from './clock.ts';
import { HoldUp } from './hold-up.ts';
/** Something that has to happen at a time. Connections are deadlines themselves: no extra object, no timer of their own. */
export declare abstract class Deadline {
    dueAtMs: number;
    lane: Lane | undefined;
    earlier: Deadline | undefined;
    later: Deadline | undefined;
    /** `latenessMs` is how late it is; `heldUpMs`, how much of that the event loop stood still, other deadlines not included. */
    abstract onDue(nowMs: number, latenessMs: number, heldUpMs: number): void;
}
/**
 * All deadlines with the same delay, in the order in which they were scheduled, which is the order in which they are due:
 *
 *     lane 10 000 ms   head ⇄ … ⇄ tail      schedule = append, cancel = unlink, both O(1)
 *     lane    200 ms   head ⇄ tail
 */
interface Lane {
    delayMs: number;
    head: Deadline | undefined;
    tail: Deadline | undefined;
    size: number;
}
/**
 * Every deadline of a factory behind one timer, armed to the earliest or somewhat before it. Due deadlines run in slices of at most 10 ms.
 * Meant for a handful of different delays: the earliest is found by looking at the head of each lane.
 */
export declare class DeadlineQueue {
    #private;
    readonly holdUp: HoldUp;
    constructor(clock: Clock, onError: (error: unknown) => void);
    /** Deadlines waiting. */
    get size(): number;
    get longestSliceMs(): number;
    /** Schedules, or schedules anew. After {@link close} nothing is scheduled any more. */
    schedule(deadline: Deadline, delayMs: number, nowMs: number): void;
    /** Takes a deadline out; one that is not scheduled is ignored. The timer stays armed: re-arming costs more than one idle wake-up. */
    cancel(deadline: Deadline): void;
    /** Drops everything and stops the timer. */
    close(): void;
}
export {};
