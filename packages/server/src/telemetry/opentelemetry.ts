import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import type { EventPayloads } from '../events.ts';
import { TOLD_BOUNDS_MS } from '../histogram.ts';
import {
  CLEANUP_DURATION,
  type CleanupFigure,
  type Instrument,
  INSTRUMENTS,
  type InstrumentKind,
  type Labels,
} from './instruments.ts';
import { countEarly, nameOfMaker, takeReadings, type TelemetryOptions } from './sources.ts';

export { cleanupProducer, type CleanupProducer } from './cleanup-producer.ts';
export type { TelemetryOptions } from './sources.ts';

export interface ObserveOptions extends TelemetryOptions {
  /**
   * Whether each cleanup is recorded as it happens, for meters whose reader takes no {@link cleanupProducer}: OpenTelemetry's API knows no
   * histogram that is read, and its `record` makes a connection some 3 % dearer. Default `false`.
   */
  readonly recordsCleanups?: boolean;
}

interface InstrumentOptions {
  readonly unit: string;
  readonly description: string;
  readonly advice?: { readonly explicitBucketBoundaries: number[] };
}

/** What a callback of the meter is given. */
export interface OtelObserver {
  observe(instrument: never, value: number, labels: Labels): void;
}

/** The part of a meter of `@opentelemetry/api` that is used. */
export interface OtelMeter {
  createObservableCounter(name: string, options: InstrumentOptions): object;
  createObservableUpDownCounter(name: string, options: InstrumentOptions): object;
  createObservableGauge(name: string, options: InstrumentOptions): object;
  createHistogram(name: string, options: InstrumentOptions): { record(value: number, labels: Labels): void };
  addBatchObservableCallback(callback: (observer: OtelObserver) => void, observables: never[]): void;
  removeBatchObservableCallback(callback: (observer: OtelObserver) => void, observables: never[]): void;
}

const MAKES = {
  counter: 'createObservableCounter',
  size: 'createObservableUpDownCounter',
  gauge: 'createObservableGauge',
} as const satisfies Record<InstrumentKind, keyof OtelMeter>;

const RELEASED = 'watertight:manager:released';

/**
 * Tells a meter of `@opentelemetry/api` everything that is measured, until `stop()`. Sizes and totals are read when the meter's reader
 * collects. The histogram of cleanup times comes from {@link cleanupProducer}, or from {@link ObserveOptions.recordsCleanups}.
 *
 * ```js
 * import { metrics } from '@opentelemetry/api';
 * import { createManagerFactory } from '@watertight/server';
 * import { observeWith } from '@watertight/server/opentelemetry';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const observation = observeWith(metrics.getMeter('chat'), { factories: [factory], recordsCleanups: true });
 * observation.stop();
 * await factory.close();
 * ```
 */
export function observeWith(meter: OtelMeter, options: ObserveOptions = {}): { stop(): void } {
  const made = INSTRUMENTS.map((instrument) => ({ instrument, observable: make(meter, instrument) }));
  const observables = made.map(({ observable }) => observable) as never[];
  const observe = (observer: OtelObserver): void => {
    const readings = takeReadings(options);
    for (const { instrument, observable } of made) {
      for (const reading of readings) {
        for (const { labels, value } of instrument.read(reading))
          observer.observe(observable as never, value, { factory: reading.factory, ...labels });
      }
    }
  };
  countEarly(options);
  meter.addBatchObservableCallback(observe, observables);
  const stopRecording = options.recordsCleanups === true ? recordCleanups(meter, { ...options }) : undefined;
  return {
    stop: () => {
      meter.removeBatchObservableCallback(observe, observables);
      stopRecording?.();
    },
  };
}

function make(meter: OtelMeter, { kind, name, unit, description }: Instrument): object {
  return meter[MAKES[kind]](name, { unit, description });
}

/**
 * Who records with each meter: a cleanup is recorded once, by the first who tells of its factory. A module that is loaded anew begins a second time,
 * and what is recorded adds up where what is read does not.
 */
const recordersOf = new WeakMap<OtelMeter, TelemetryOptions[]>();

function recordCleanups(meter: OtelMeter, options: TelemetryOptions): () => void {
  const { name, unit, description } = CLEANUP_DURATION;
  const advice = { explicitBucketBoundaries: TOLD_BOUNDS_MS.map((boundMs) => boundMs / 1000) };
  const histogram = meter.createHistogram(name, { unit, description, advice });
  const recorders = recordersOf.get(meter) ?? [];
  recordersOf.set(meter, recorders);
  recorders.push(options);
  const onReleased = (message: unknown): void => {
    const { report } = message as EventPayloads[typeof RELEASED];
    const factory = nameOfMaker(report.managerId, options);
    if (factory === undefined) return;
    const before = recorders.slice(0, recorders.indexOf(options));
    if (before.some((one) => nameOfMaker(report.managerId, one) !== undefined)) return;
    const record = (figure: CleanupFigure, durationMs: number): void =>
      histogram.record(durationMs / 1000, { factory, figure });
    if (report.socketGoneMs !== null) record('socket_gone', report.socketGoneMs);
    record('finalizers_done', report.finalizersDoneMs);
  };
  subscribe(RELEASED, onReleased);
  return () => {
    unsubscribe(RELEASED, onReleased);
    const place = recorders.indexOf(options);
    if (place !== -1) recorders.splice(place, 1);
  };
}
