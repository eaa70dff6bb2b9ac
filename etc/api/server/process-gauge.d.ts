/** What the pressure on a process is read from. */
export interface GaugeReading {
    /** Bytes in use on the heap, or whatever memory is bounded by `maxHeapBytes`. */
    readonly heapUsedBytes: number;
    readonly eventLoopDelayMs: number;
}
/** Reads Node's own gauges. Measures the event loop only while it runs and only when asked to: that costs 50 wake-ups a second. */
export declare class ProcessGauge {
    #private;
    constructor({ watchesLoop }: {
        readonly watchesLoop: boolean;
    });
    start(): void;
    stop(): void;
    read(): GaugeReading;
}
