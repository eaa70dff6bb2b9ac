import type { Plant } from './plant.ts';
import type { SamplingProfile } from './sampling-profile.ts';
/** Where something stands in a source. */
export interface SourcePosition {
    readonly functionName: string;
    /** As V8 knows the script: `file:` URL, path or `node:` name; empty for code without a name. */
    readonly url: string;
    readonly scriptId: string;
    /** From 1. */
    readonly line: number;
    /** From 1. */
    readonly column: number;
}
/** Looks into the heap of one isolate again and again; nothing of its own ever shows up in what it tells. */
export interface HeapExamination {
    /** Collects, then looks. Rejects with `InsideViewError` when the target is gone or does not answer. */
    look(options: HeapLookOptions): Promise<HeapLook>;
    /** From now on allocations cost the target what they always do, and looks tell of no survivors. */
    stopSampling(): Promise<void>;
    /** Where the class of a row was defined. */
    positionOf(classId: number): Promise<SourcePosition | undefined>;
    /**
     * All scripts by id, for positions that only carry a script id; of several heaps those of the one of which snapshots are
     * taken. Switches the debugger domain on for the moment.
     */
    scripts(): Promise<ReadonlyMap<string, {
        readonly url: string;
        readonly sourceMapUrl: string;
    }>>;
    /**
     * Has the target write a heap snapshot and hands its text over piece by piece. The target is stopped meanwhile. Of several
     * heaps it is always that of the one in which these classes (else: what was allocated) have become most.
     */
    snapshot(onChunk: (chunk: string) => void, ofClasses?: readonly number[]): Promise<void>;
    /** What is alive by allocation stack, one profile for each heap, as Chrome DevTools opens it; none once nothing is sampled. */
    allocationProfiles(): Promise<readonly SamplingProfile[]>;
    /** Puts one known leak of `count` objects of a class of ours into each realm of the target that is looked into; `remove()` takes it out again. */
    plant(count: number): Promise<Plant>;
    /** What is not looked into, in sentences; empty when all is. */
    unseen(): readonly string[];
    /** Stops sampling and lets go of everything. Idempotent. */
    close(): Promise<void>;
}
export interface HeapLookOptions {
    /** Also live objects by class, timers and child processes: a walk over the heap (about 1.3 s for each million objects). Without it a look costs a collection and the reading of the survivors. */
    readonly classes: boolean;
    /** Also the sizes of collections, and listeners by emitter and event: about a fifteenth more than the walk itself. */
    readonly collections: boolean;
}
export interface HeapLook {
    /** From 0; survivors name the look before which they were allocated. */
    readonly index: number;
    readonly stoppedMs: number;
    /** Live objects by class; a class is a prototype, so two classes of one name are two rows. Empty when not asked for, as are listeners and timers. */
    readonly classes: readonly ClassCount[];
    /** Those that have grown since they were first seen, the most grown first, at most 200; `undefined` when not asked for. */
    readonly collections: readonly CollectionSize[] | undefined;
    /**
     * Of each kind the largest collection that is followed for the first time, because it came or had fewer entries before; where none came, that of the look
     * before, as long as it is as it was. Empty when collections were not asked for.
     */
    readonly newCollections: readonly NewCollection[];
    /** Whether survivors were looked for. */
    readonly sampled: boolean;
    /** Alive now and allocated since the examination began, by allocation stack. */
    readonly survivors: readonly SurvivorSite[];
    /**
     * Listeners by emitter and event, where they have become more since two or more were first seen; the same emitter and
     * event keep their `id` between looks.
     */
    readonly listeners: readonly ListenerCount[];
    /** Timers that are armed, also unref'd ones, by what they call. */
    readonly timers: readonly TimerCount[];
    /** Promises that are neither fulfilled nor rejected; `undefined` when the classes were not asked for, or Node does not show it. */
    readonly pendingPromises: number | undefined;
    /** What keeps the event loop alive, requests included, by kind (`process.getActiveResourcesInfo`). */
    readonly handles: Readonly<Record<string, number>>;
    /** Realms of `node:vm` and the like, beside the program's own. */
    readonly otherRealmCount: number;
    /** Of those the ones whose objects are among `classes`: at most 8, which were there when the examination began. 0 when classes were not asked for. */
    readonly walkedRealmCount: number;
    /** Child processes that have not ended; `undefined` when the classes were not asked for. */
    readonly runningChildren: number | undefined;
    readonly memory: {
        readonly heapUsedBytes: number;
        readonly externalBytes: number;
        readonly arrayBuffersBytes: number;
        readonly rssBytes: number;
    };
}
export interface ClassCount {
    readonly id: number;
    readonly name: string;
    readonly count: number;
}
/** One collection (Map, Set, Array, dictionary) with more than a few entries. */
export interface CollectionSize {
    /** Stays the same for the same collection as long as it lives. */
    readonly id: number;
    readonly kind: 'Map' | 'Set' | 'Array' | 'Object';
    readonly size: number;
    /** The size at every look so far; 0 as long as it had fewer than 4 entries (plain objects: 16 keys) or did not exist. */
    readonly sizes: readonly number[];
    /** Class names of some of its newest values, and of keys where they are objects. */
    readonly holds: readonly string[];
}
/** Another one at every look where it is made anew, a copy with one more. */
export interface NewCollection extends Pick<CollectionSize, 'kind' | 'size' | 'holds'> {
}
export interface SurvivorSite {
    /** The same stack has the same key in every look. */
    readonly key: string;
    /** Innermost first; without frames of our own. */
    readonly stack: readonly SourcePosition[];
    /** `windows[k]`: what was allocated between look k-1 and look k (0: before look 0) and is alive now. */
    readonly windows: readonly {
        readonly objects: number;
        readonly bytes: number;
    }[];
    /**
     * The same by size: what a leak keeps has the same sizes in every window; what the compiler adds at the same place has many.
     * `windows[k]` is a number of objects.
     */
    readonly sizes: readonly {
        readonly bytes: number;
        readonly objects: number;
        readonly windows: readonly number[];
    }[];
}
export interface ListenerCount {
    readonly id: number;
    readonly emitter: string;
    readonly event: string;
    readonly count: number;
    /** The count at every look so far; 0 as long as there were fewer than two. */
    readonly counts: readonly number[];
}
export interface TimerCount {
    /** `interval 30000 ms`, `timeout 3600000 ms`, `immediate`. */
    readonly kind: string;
    readonly delayMs: number;
    readonly repeats: boolean;
    readonly callback: string;
    readonly position: SourcePosition | undefined;
    readonly referenced: boolean;
    readonly count: number;
}
