import type { IncomingMessage, ServerResponse } from 'node:http';

import type { DurationStats } from '../stats.ts';
import { CLEANUP_DURATION, CLEANUP_FIGURES, cleanupFigure, INSTRUMENTS, type Labels } from './instruments.ts';
import { prometheusName } from './prometheus-names.ts';
import { countEarly, type NamedReading, takeReadings, type TelemetryOptions } from './sources.ts';

export type { TelemetryOptions } from './sources.ts';

/** One line of a metric; `suffix` is `_bucket`, `_sum` or `_count` in a histogram. */
interface Line {
  readonly suffix: string;
  readonly labels: Labels;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** How several processes of one machine come to one figure. */
  readonly aggregator: 'sum' | 'max';
  readonly help: string;
  readonly labelNames: readonly string[];
  lines(readings: readonly NamedReading[]): readonly Line[];
}

const METRICS: readonly Metric[] = [
  ...INSTRUMENTS.map((instrument): Metric => ({
    name: prometheusName(instrument),
    type: instrument.kind === 'counter' ? 'counter' : 'gauge',
    aggregator: instrument.kind === 'gauge' ? 'max' : 'sum',
    help: instrument.description,
    labelNames: ['factory', ...instrument.labels],
    lines: (readings) =>
      readings.flatMap((reading) =>
        instrument
          .read(reading)
          .map(({ labels, value }) => ({ suffix: '', labels: { factory: reading.factory, ...labels }, value })),
      ),
  })),
  {
    name: prometheusName(CLEANUP_DURATION),
    type: 'histogram',
    aggregator: 'sum',
    help: CLEANUP_DURATION.description,
    labelNames: ['factory', ...CLEANUP_DURATION.labels],
    lines: (readings) =>
      readings.flatMap(({ factory, stats }) =>
        CLEANUP_FIGURES.flatMap((figure) => histogramLines({ factory, figure }, cleanupFigure(stats, figure))),
      ),
  },
];

/** The names of all metrics as Prometheus sees them; of a histogram the name without suffix. */
export const PROMETHEUS_NAMES: readonly string[] = METRICS.map(({ name }) => name);

/**
 * All metrics in the text format of Prometheus (version 0.0.4).
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { prometheusText } from '@watertight/server/prometheus';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * console.log(prometheusText({ factories: [factory] }).includes('watertight_users{factory="chat"} 0'));
 * await factory.close();
 * ```
 *
 * Costs one pass over the users. No label names a user.
 */
export function prometheusText(options: TelemetryOptions = {}): string {
  const readings = takeReadings(options);
  const blocks = METRICS.flatMap((metric) => {
    const lines = metric.lines(readings);
    if (lines.length === 0) return [];
    const head = `# HELP ${metric.name} ${metric.help}\n# TYPE ${metric.name} ${metric.type}\n`;
    return [
      head +
        lines.map(({ suffix, labels, value }) => `${metric.name}${suffix}${labelText(labels)} ${value}\n`).join(''),
    ];
  });
  return blocks.join('');
}

/**
 * A request handler that answers GET and HEAD with {@link prometheusText}, to be put behind a path of your own, such as `/metrics`.
 * Who may ask is for you to decide: it tells sizes and names of factories, and of no user.
 */
export function prometheusHandler(
  options: TelemetryOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  countEarly(options);
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const text = prometheusText(options);
    response.writeHead(200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
}

/** What a registry of `prom-client` (15) asks of a metric. */
export interface CollectedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: string;
  readonly labelNames: readonly string[];
  get(): Promise<unknown>;
  reset(): void;
}

/** The part of a registry of `prom-client` that is used. */
export interface PromRegistry {
  registerMetric(metric: never): void;
  removeSingleMetric(name: string): void;
}

/**
 * Adds all metrics to a registry of `prom-client`, read whenever the registry is. Takes them out again with `stop()`. A registry that has one of
 * these names already throws, and has none of ours then.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { collectInto } from '@watertight/server/prometheus';
 * import { Registry } from 'prom-client';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const registry = new Registry();
 * const collection = collectInto(registry, { factories: [factory] });
 * console.log((await registry.metrics()).includes('watertight_users{factory="chat"} 0'));
 * collection.stop();
 * await factory.close();
 * ```
 */
export function collectInto(registry: PromRegistry, options: TelemetryOptions = {}): { stop(): void } {
  // One reading for all metrics that are asked for in the same turn.
  countEarly(options);
  let readings: readonly NamedReading[] | undefined;
  const read = (): readonly NamedReading[] => {
    if (readings === undefined) {
      readings = takeReadings(options);
      queueMicrotask(() => (readings = undefined));
    }
    return readings;
  };
  const registered: string[] = [];
  // Once: by now others may have registered metrics of these names.
  const stop = (): void => {
    for (const name of registered.splice(0)) registry.removeSingleMetric(name);
  };
  try {
    for (const metric of METRICS) {
      registry.registerMetric(asCollected(metric, read) as never);
      registered.push(metric.name);
    }
  } catch (error) {
    // A name that is taken already: nobody could stop what was registered before it.
    stop();
    throw error;
  }
  return { stop };
}

function asCollected(metric: Metric, read: () => readonly NamedReading[]): CollectedMetric {
  const { name, help, type, aggregator, labelNames } = metric;
  const described = { name, help, type, aggregator };
  return {
    ...described,
    labelNames,
    get: async () => ({
      ...described,
      values: metric.lines(read()).map(({ suffix, labels, value }) => ({ labels, value, metricName: name + suffix })),
    }),
    // Nothing is kept that could be reset: every figure is read from the factories.
    reset: () => undefined,
  };
}

function histogramLines(labels: Labels, { upTo, count, totalMs }: DurationStats): readonly Line[] {
  const bucket = (le: string, value: number): Line => ({ suffix: '_bucket', labels: { ...labels, le }, value });
  return [
    ...upTo.map((one) => bucket(String(one.durationMs / 1000), one.count)),
    bucket('+Inf', count),
    { suffix: '_sum', labels, value: totalMs / 1000 },
    { suffix: '_count', labels, value: count },
  ];
}

function labelText(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')}}`;
}

/** Reasons of releases are the caller's to choose. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
