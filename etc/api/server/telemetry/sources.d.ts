import type { InspectableFactory } from '../inspection.ts';
import type { Reading } from './instruments.ts';
/** Whose figures are told; default: every open factory of the process, also those made later. */
export interface TelemetryOptions {
    readonly factories?: readonly InspectableFactory[];
}
export interface NamedReading extends Reading {
    /**
     * The name of the factory; a second one of the same name is `name-2`, so that no two series are the same, and stays so when the first has
     * closed: a counter that falls counts for one that began anew. One that was told alone, under a name that another has, is it from the
     * first time on that both are told.
     */
    readonly factory: string;
}
/** The first snapshot of a factory counts all managers: when a process begins to tell of itself there are few, and later many. */
export declare function countEarly(options: TelemetryOptions): void;
export declare function takeReadings(options: TelemetryOptions): readonly NamedReading[];
/** The name under which the factory is told that made this manager; `undefined` where it is not told. */
export declare function nameOfMaker(managerId: string, options: TelemetryOptions): string | undefined;
