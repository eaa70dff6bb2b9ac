import type { InspectableFactory } from '../inspection.ts';
import { factoriesOfProcess } from '../process-registry.ts';
import type { Reading } from './instruments.ts';

/** Whose figures are told; default: every open factory of the process, also those made later. */
export interface TelemetryOptions {
  readonly factories?: readonly InspectableFactory[];
}

export interface NamedReading extends Reading {
  /** The name of the factory; a second one of the same name is `name-2`, so that no two series are the same. */
  readonly factory: string;
}

/** The first snapshot of a factory counts all managers: when a process begins to tell of itself there are few, and later many. */
export function countEarly(options: TelemetryOptions): void {
  takeReadings(options);
}

export function takeReadings({ factories }: TelemetryOptions): readonly NamedReading[] {
  const names = new Set<string>();
  return (factories ?? factoriesOfProcess()).map((factory) => {
    let name = factory.name;
    // Another one may be called like that in its own right.
    for (let number = 2; names.has(name); number += 1) name = `${factory.name}-${number}`;
    names.add(name);
    return { factory: name, stats: factory.stats(), options: factory.options };
  });
}
