import type { InspectableFactory } from '../inspection.ts';
import type { DurationStats, FactoryStats } from '../stats.ts';
/** What is read: a snapshot, and the options that say what it is measured against. */
export interface Reading {
    readonly stats: FactoryStats;
    readonly options: InspectableFactory['options'];
}
export type Labels = Readonly<Record<string, string>>;
export interface Sample {
    readonly labels: Labels;
    readonly value: number;
}
/**
 * `counter`: only grows. `size`: how many there are, which may be added up over processes. `gauge`: what may not be, such as an age.
 */
export type InstrumentKind = 'counter' | 'size' | 'gauge';
/** One thing that is measured, under the name it has in OpenTelemetry; Prometheus' name follows from name, kind and unit. */
export interface Instrument {
    readonly name: string;
    readonly kind: InstrumentKind;
    /** As UCUM writes it: `s`, `1` for a share, `{manager}` for what is counted. */
    readonly unit: string;
    readonly description: string;
    /** The labels beside `factory`. */
    readonly labels: readonly string[];
    read(from: Reading): readonly Sample[];
}
/** Cleanup times, as a histogram. */
export declare const CLEANUP_DURATION: {
    readonly name: 'watertight.cleanup.duration';
    readonly unit: 's';
    readonly description: 'From the end of a connection to slot reusable, socket gone and finalizers done';
    readonly labels: readonly ['figure'];
};
export declare const CLEANUP_FIGURES: readonly ['slot_reusable', 'socket_gone', 'finalizers_done'];
export type CleanupFigure = (typeof CLEANUP_FIGURES)[number];
export declare function cleanupFigure({ cleanup }: FactoryStats, figure: CleanupFigure): DurationStats;
/**
 * Everything a factory tells of itself but the cleanup times. No label names a user: who is largest is asked of
 * {@link InspectableFactory.stats}, not of a time series.
 */
export declare const INSTRUMENTS: readonly Instrument[];
