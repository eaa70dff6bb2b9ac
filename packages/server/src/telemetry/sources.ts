import { InvalidOptionsError } from '../errors.ts';
import { throwIfNoOptions, unknownOptions } from '../given-options.ts';
import type { InspectableFactory } from '../inspection.ts';
import { show } from '../show.ts';
import { factoriesOfProcess } from '../process-registry.ts';
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

/** What each factory is called for as long as it lives. */
const given = new WeakMap<InspectableFactory, string>();

/** The first snapshot of a factory counts all managers: when a process begins to tell of itself there are few, and later many. */
export function countEarly(options: TelemetryOptions): void {
  takeReadings(options);
}

export function takeReadings(options: TelemetryOptions): readonly NamedReading[] {
  return [...namesOf(options)].map(([factory, name]) => ({
    factory: name,
    stats: factory.stats(),
    options: factory.options,
  }));
}

/** Those whose figures are told, each under a name that no other of them has. */
function namesOf(options: TelemetryOptions): ReadonlyMap<InspectableFactory, string> {
  throwIfInvalid(options);
  const all = new Set(options.factories ?? factoriesOfProcess());
  const reserved = new Set([...all].flatMap((factory) => given.get(factory) ?? []));
  const names = new Map<InspectableFactory, string>();
  const told = new Set<string>();
  for (const factory of all) {
    let name = given.get(factory);
    if (name === undefined || told.has(name)) name = nameAmong(reserved, factory);
    told.add(name);
    names.set(factory, name);
  }
  return names;
}

/** The name under which the factory is told that made this manager; `undefined` where it is not told. */
export function nameOfMaker(managerId: string, options: TelemetryOptions): string | undefined {
  for (const factory of options.factories ?? factoriesOfProcess())
    if (factory.made(managerId)) return given.get(factory) ?? namesOf(options).get(factory);
  return undefined;
}

function nameAmong(names: Set<string>, factory: InspectableFactory): string {
  let name = factory.name;
  // Another one may be called like that in its own right.
  for (let number = 2; names.has(name); number += 1) name = `${factory.name}-${number}`;
  names.add(name);
  given.set(factory, name);
  return name;
}

const KNOWN: ReadonlySet<string> = new Set(['factories', 'recordsCleanups']);

/** Misspelt, it would be as if none was given, and every factory of the process was told. */
function throwIfInvalid(options: TelemetryOptions): void {
  throwIfNoOptions(options, 'telemetry must be an object, or left out');
  const problems = unknownOptions(options, KNOWN, ' of telemetry');
  const factories: unknown = options.factories ?? [];
  if (!Array.isArray(factories) || !factories.every(isFactory))
    problems.push(`factories must be a list of manager factories; got ${show(factories)}`);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}

function isFactory(one: unknown): boolean {
  return typeof one === 'object' && one !== null && 'stats' in one && typeof one.stats === 'function';
}
