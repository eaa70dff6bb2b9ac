import { performance } from 'node:perf_hooks';

import type { DurationStats } from '../stats.ts';
import { CLEANUP_DURATION, CLEANUP_FIGURES, cleanupFigure, type Labels } from './instruments.ts';
import { countEarly, takeReadings, type TelemetryOptions } from './sources.ts';

/** Numbers that `@opentelemetry/api` and its SDK have for these; importing them would make either a dependency. */
const DOUBLE = 1;
const CUMULATIVE = 1;
const HISTOGRAM = 0;

/** Seconds, and nanoseconds beyond them. */
type HrTime = readonly [number, number];

interface HistogramPoint {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: Labels;
  readonly value: {
    readonly buckets: { readonly boundaries: readonly number[]; readonly counts: readonly number[] };
    readonly sum: number;
    readonly count: number;
    readonly max?: number;
  };
}

/** A `MetricProducer` of `@opentelemetry/sdk-metrics`. */
export interface CleanupProducer {
  collect(): Promise<{ readonly resourceMetrics: never; readonly errors: unknown[] }>;
}

/**
 * The cleanup times as the factories have counted them, for the `metricProducers` of a reader of OpenTelemetry's SDK. Its API can only record
 * times one by one, which makes each connection some 3 % dearer; a producer is read when the reader collects. Totals are cumulative.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { cleanupProducer, observeWith } from '@watertight/server/opentelemetry';
 * import { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const metricProducers = [cleanupProducer({ factories: [factory] })];
 * const reader = new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter(), metricProducers });
 * const provider = new MeterProvider({ readers: [reader] });
 * const observation = observeWith(provider.getMeter('chat'), { factories: [factory] });
 * observation.stop();
 * await provider.shutdown();
 * await factory.close();
 * ```
 */
export function cleanupProducer(options: TelemetryOptions = {}): CleanupProducer {
  countEarly(options);
  return {
    collect: async () => {
      const { name, unit, description } = CLEANUP_DURATION;
      const metric = {
        descriptor: { name, unit, description, valueType: DOUBLE },
        aggregationTemporality: CUMULATIVE,
        dataPointType: HISTOGRAM,
        dataPoints: pointsOf(options),
      };
      // The resource is that of the reader's own provider.
      const resourceMetrics = { scopeMetrics: [{ scope: { name: '@watertight/server' }, metrics: [metric] }] };
      return { resourceMetrics: resourceMetrics as never, errors: [] };
    },
  };
}

function pointsOf(options: TelemetryOptions): readonly HistogramPoint[] {
  // Nothing was counted before the process began.
  const startTime = hrTimeOf(performance.timeOrigin);
  const endTime = hrTimeOf(Date.now());
  return takeReadings(options).flatMap(({ factory, stats }) =>
    CLEANUP_FIGURES.map((figure) => ({
      startTime,
      endTime,
      attributes: { factory, figure },
      value: valueOf(cleanupFigure(stats, figure)),
    })),
  );
}

/** Counts up to a bound, as they are told, are made counts between two. */
function valueOf({ upTo, count, totalMs, maxMs }: DurationStats): HistogramPoint['value'] {
  const upToEach = [...upTo.map((bound) => bound.count), count];
  return {
    buckets: {
      boundaries: upTo.map(({ durationMs }) => durationMs / 1000),
      counts: upToEach.map((upToThis, place) => upToThis - (upToEach[place - 1] ?? 0)),
    },
    sum: totalMs / 1000,
    count,
    ...(count === 0 ? undefined : { max: maxMs / 1000 }),
  };
}

function hrTimeOf(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000);
  return [seconds, Math.round((epochMs - seconds * 1000) * 1e6)];
}
