/** How slowly one direction of a connection passes on what it is given. */
export interface Pace {
    /** Milliseconds that each chunk is late. */
    readonly delayMs: number;
    /** Milliseconds between one byte and the next; 0: chunks stay whole. */
    readonly trickleMs: number;
}
export declare const AT_ONCE: Pace;
export interface LaneOptions {
    readonly deliver: (chunk: Buffer) => void;
    /** More waits than there is room for; `onRoom` is called once that is over. */
    readonly onFull: () => void;
    readonly onRoom: () => void;
}
/** One direction of a connection. At full pace everything passes in the stretch of code that brings it; nothing ever overtakes. */
export declare class Lane {
    #private;
    constructor(options: LaneOptions);
    get isEmpty(): boolean;
    /** Chunks that it was ever given. */
    get takenCount(): number;
    /** The first so many of them have been passed on. */
    hasDelivered(count: number): boolean;
    /** For what comes from now on; a trickle also slows what waits already. */
    setPace(pace: Pace): void;
    push(chunk: Buffer): void;
    /** Called behind everything that waits. */
    finish(run: () => void): void;
    dispose(): void;
}
