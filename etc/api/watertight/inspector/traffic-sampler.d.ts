import type { InspectorChannel } from './channel.ts';
import type { HeapExamination, SurvivorSite } from './heap-types.ts';
/** What a look at real traffic sees. */
export interface TrafficLook {
    /** From our question to the answer; no less than the target stood still. */
    readonly stoppedMs: number;
    /** Right after a collection. */
    readonly heapUsedBytes: number;
    /** Of buffers and of whatever else objects of the heap stand for, right after the same collection. */
    readonly outsideHeapBytes: number;
    /** Connections that were accepted since sampling began. */
    readonly acceptedCount: number;
    /** Sockets that are open now. */
    readonly openCount: number;
    /** Worker threads, whose heaps are not sampled. */
    readonly workerCount: number;
    /** A sample stands for about as many bytes as the interval; the bytes are estimates. */
    readonly survivors: readonly SurvivorSite[];
}
/** Samples what a process allocates while it serves, coarsely, and tells what of it is alive. */
export interface TrafficSampler {
    /** Collects garbage, which stops the target for about as long as its heap is large. */
    look(): Promise<TrafficLook>;
    /** All scripts by id. Switches the debugger domain on for the moment. */
    scripts(): ReturnType<HeapExamination['scripts']>;
    /** From now on the window before look `index` and the one behind it are one. */
    mergeWindows(index: number): void;
    /** Stops sampling and takes back what counts. Idempotent; never rejects. */
    close(): Promise<void>;
}
/** Begins to sample one isolate, one sample for each `intervalBytes` that are allocated. */
export declare function sampleTraffic(channel: InspectorChannel, intervalBytes: number): Promise<TrafficSampler>;
