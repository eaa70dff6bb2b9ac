/** The process at the moment of a look. */
export interface ProcessLook {
    readonly pid: number;
    /** Without the leading `v`. */
    readonly node: string;
    readonly uptimeMs: number;
    readonly rssBytes: number;
    readonly heapUsedBytes: number;
    /** Share of one core since the look before. */
    readonly cpuShare: number;
    /** How much later than due the event loop came round, since the look before. */
    readonly loopDelay: {
        readonly p50Ms: number;
        readonly p99Ms: number;
        readonly maxMs: number;
    };
}
/** Reads Node's own gauges. */
export declare class ProcessGauge {
    #private;
    start(): void;
    stop(): void;
    look(): ProcessLook;
}
