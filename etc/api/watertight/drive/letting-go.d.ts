import type { Gone } from './types.ts';
/** How and when (performance.now) the server let go of a connection, seen on the wire. */
export interface LetGo {
    readonly how: Gone;
    readonly atMs: number;
}
/** Remembers the first sign that the server let go, and wakes those who wait for it. */
export declare class LettingGo {
    #private;
    get seen(): LetGo | undefined;
    /** Only the first sign counts: a reset after a FIN is the echo of our own late bytes. */
    mark(how: Gone): void;
    /** Nothing can be seen any more: our own side was reset or disposed. */
    giveUp(): void;
    wait(deadlineMs: number): Promise<LetGo | undefined>;
}
