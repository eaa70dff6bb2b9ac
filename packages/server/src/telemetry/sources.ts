import type { InspectableFactory } from '../inspection.ts';
import { factoriesOfProcess } from '../process-registry.ts';
import type { Reading } from './instruments.ts';

/** Whose figures are told; default: every open factory of the process, also those made later. */
export interface TelemetryOptions {
  readonly factories?: readonly InspectableFactory[];
}

export interface NamedReading extends Reading {
  /**
   * The name of the factory; a second one of the same name is `name-2`, so that no two series are the same, and stays so when the first has
   * closed: a counter that falls counts for one that began anew.
   */
  readonly factory: string;
}

/** What each factory is called for as long as it lives. */
const given = new WeakMap<InspectableFactory, string>();

/** The first snapshot of a factory counts all managers: when a process begins to tell of itself there are few, and later many. */
export function countEarly(options: TelemetryOptions): void {
  takeReadings(options);
}

export function takeReadings({ factories }: TelemetryOptions): readonly NamedReading[] {
  const all = [...(factories ?? factoriesOfProcess())];
  const names = new Set(all.flatMap((factory) => given.get(factory) ?? []));
  return all.map((factory) => ({
    factory: given.get(factory) ?? nameAmong(names, factory),
    stats: factory.stats(),
    options: factory.options,
  }));
}

function nameAmong(names: Set<string>, factory: InspectableFactory): string {
  let name = factory.name;
  // Another one may be called like that in its own right.
  for (let number = 2; names.has(name); number += 1) name = `${factory.name}-${number}`;
  names.add(name);
  given.set(factory, name);
  return name;
}
