import { type Channel } from 'node:diagnostics_channel';
import type { AdmissionContext } from './context.ts';
import type { DrainReport } from './drain-report.ts';
import type { EmergencyReport } from './emergency-report.ts';
import type { ErrorStage } from './options.ts';
import type { AwayPolicy } from './quota/lease-terms.ts';
import type { LeaseFate } from './quota/types.ts';
import type { Refusal } from './refusals.ts';
import type { SlowConsumer, SlowConsumerAction } from './slow-consumer.ts';
import type { PressureStats, SweepStats } from './stats.ts';
import type { Suspicion } from './suspicion.ts';
import type { ReleaseReport } from './release-report.ts';
/** What is published on each channel of `node:diagnostics_channel`. Every payload also names its `factory`. */
export interface EventPayloads {
    /** A slot was taken; the manager is pending. */
    'watertight:manager:created': {
        readonly managerId: string;
        readonly context: AdmissionContext;
    };
    /** The manager is active. */
    'watertight:manager:active': {
        readonly managerId: string;
        readonly user: string;
    };
    /** The end was issued; the slot is free. */
    'watertight:manager:closing': {
        readonly managerId: string;
        readonly user: string;
        readonly reason: string;
    };
    /** Everything it owned is gone, or named as overdue. */
    'watertight:manager:released': {
        readonly report: ReleaseReport;
    };
    /** One refused attempt. */
    'watertight:admission:refused': {
        readonly user: string;
        readonly refusal: Refusal;
    };
    /** The user reached the emergency threshold (`true`) or fell below the exit threshold (`false`). `null`: the process as a whole. */
    'watertight:emergency:state': {
        readonly user: string | null;
        readonly inEmergency: boolean;
        readonly held: number;
    };
    /** An emergency cleanup ended. */
    'watertight:emergency:end': {
        readonly report: EmergencyReport;
    };
    'watertight:sweep:end': {
        readonly sweep: SweepStats;
    };
    /** Something looks like a leak of the code above the runtime. */
    'watertight:leak:suspected': {
        readonly suspicion: Suspicion;
    };
    /** What looked like one has gone after all. */
    'watertight:leak:recovered': {
        readonly suspicion: Suspicion;
        readonly afterMs: number;
    };
    /** The pressure on the process rose or fell to another state. */
    'watertight:pressure:state': {
        readonly pressure: PressureStats;
    };
    /** A connection went over `maxBufferedBytes`; published once until it recovers. */
    'watertight:consumer:slow': SlowConsumer & {
        readonly action: SlowConsumerAction;
    };
    /** It is at or below half of that. */
    'watertight:consumer:recovered': {
        readonly user: string;
        readonly unsentBytes: number;
    };
    /** Readiness flipped; everybody is closed within `windowMs`. */
    'watertight:drain:begin': {
        readonly windowMs: number;
        readonly managers: number;
    };
    /** Everybody is gone, and what is closed last was closed. */
    'watertight:drain:end': {
        readonly report: DrainReport;
    };
    /** The store did not know a lease of this node any more, or its time was over; `retaken`: it goes on. */
    'watertight:lease:lost': {
        readonly managerId: string;
        readonly user: string;
        readonly fate: LeaseFate;
    };
    /** The store that nodes share their limits by does not answer; `policy` says what happens to newcomers. */
    'watertight:store:away': {
        readonly policy: AwayPolicy;
        readonly cause: unknown;
    };
    /** It answers again; `leases` are those that this node has. */
    'watertight:store:back': {
        readonly awayMs: number;
        readonly leases: number;
    };
    /** Code called by the runtime threw where nobody can catch it. */
    'watertight:error': {
        readonly stage: ErrorStage;
        readonly error: unknown;
        readonly user: string | undefined;
    };
}
export type EventName = keyof EventPayloads;
/** One channel, which knows what is published on it. */
interface EventChannel<Name extends EventName> extends Channel {
    readonly name: Name;
}
/** Properties rather than entries of a map: a look that costs nothing where nobody listens. */
export declare const CHANNELS: {
    readonly [Name in EventName]: EventChannel<Name>;
};
/** The names of all channels, for those who subscribe to everything. */
export declare const EVENT_NAMES: readonly EventName[];
/**
 * As {@link publish}, of something that `payload` is told. On the roads that every manager takes: a function that has no closure does
 * not make whoever calls this keep its variables on the heap.
 */
export declare function publishOf<Name extends EventName, Subject>(to: EventChannel<Name>, from: {
    readonly options: {
        readonly name: string;
    };
}, subject: Subject, payload: (subject: Subject) => EventPayloads[Name]): void;
/** Publishes where somebody listens; otherwise the payload is not even made. */
export declare function publish<Name extends EventName>(to: EventChannel<Name>, from: {
    readonly options: {
        readonly name: string;
    };
}, payload: () => EventPayloads[Name]): void;
export {};
