import type { Clock } from './clock.ts';
/** What a factory knows of times in which it could not have heard anybody: its own loop stood still, the process or the machine did. */
export declare class HoldUp {
    #private;
    count: number;
    suspensions: number;
    longestMs: number;
    constructor(clock: Clock);
    /** Called whenever deadlines are looked at, with how long the loop had kept them from it, and when they were, with how long that took. */
    note(heldUpMs: number, nowMs: number): void;
    /** Called whenever deadlines are looked at: whether the machine slept since the last time. */
    noteSleep(nowMs: number, wallMs: number | undefined): void;
    /** How long the last hold-up was, while it is too recent for a verdict; 0 once the loop has run for a while. */
    recentMs(nowMs: number, withinMs: number): number;
}
