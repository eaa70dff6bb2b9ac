import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { atEnd, Bench } from '../../test/factory-kit.ts';
import { INSTRUMENTS } from './instruments.ts';
import { cleanupProducer, observeWith } from './opentelemetry.ts';
import { prometheusText } from './prometheus.ts';

interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

interface Times {
  readonly count: number;
  readonly sum: number;
  readonly buckets: { readonly boundaries: readonly number[]; readonly counts: readonly number[] };
}

function cleanupTimes(metrics: ReadonlyMap<string, readonly Point[]>): Times {
  const points = metrics.get('watertight.cleanup.duration') ?? [];
  const point = points.find(({ attributes }) => attributes['figure'] === 'finalizers_done');
  if (point === undefined) throw new Error('no cleanup times were told');
  return point.value as Times;
}

function telling(
  bench: Bench,
  isProduced = false,
): { collect(): Promise<ReadonlyMap<string, readonly Point[]>>; stop(): void } {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const metricProducers = isProduced ? [cleanupProducer({ factories: [bench.factory] })] : [];
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000, metricProducers });
  const provider = new MeterProvider({ readers: [reader] });
  atEnd(() => provider.shutdown());
  const options = isProduced ? {} : { recordsCleanups: true };
  const { stop } = observeWith(provider.getMeter('test'), { factories: [bench.factory], ...options });
  atEnd(stop);
  return {
    stop,
    collect: async () => {
      exporter.reset();
      await reader.forceFlush();
      const metrics = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((scope) => scope.metrics);
      return new Map(metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints as readonly Point[]]));
    },
  };
}

test('[TM6] a meter of OpenTelemetry is told sizes and totals when its reader collects', async () => {
  const bench = new Bench({ name: 'chat', maxManagersPerUser: 2 });
  const { collect } = telling(bench);
  bench.managers(2);
  bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  const metrics = await collect();
  expect(metrics.get('watertight.managers')).toContainEqual(
    expect.objectContaining({ attributes: { factory: 'chat', state: 'active' }, value: 2 }),
  );
  expect(metrics.get('watertight.limit.hits')?.map(({ value }) => value)).toEqual([1]);
  const known = new Set([...INSTRUMENTS.map(({ name }) => name), 'watertight.cleanup.duration']);
  expect([...metrics.keys()].filter((name) => !known.has(name))).toEqual([]);
});

test('[TM6] cleanup times are recorded as they happen, with a bound at 500 ms, until it is stopped', async () => {
  const bench = new Bench({ name: 'chat' });
  const other = new Bench({ name: 'other' });
  const { collect, stop } = telling(bench);
  const end = async (of: Bench): Promise<void> => {
    const { manager } = of.session();
    manager.defer(() => of.clock.advance(300));
    await manager.close();
  };
  await end(bench);
  await end(other);
  const value = cleanupTimes(await collect());
  expect([value.count, value.sum]).toEqual([1, 0.3]);
  expect(value.buckets.boundaries[value.buckets.counts.indexOf(1)]).toBe(0.5);
  stop();
  await end(bench);
  expect(cleanupTimes(await collect()).count).toBe(1);
});

test('[TM15] a producer tells a reader what was counted, in all three figures, and nothing is recorded for a connection', async () => {
  const bench = new Bench({ name: 'chat' });
  const { collect } = telling(bench, true);
  expect(cleanupTimes(await collect())).toMatchObject({ count: 0, sum: 0 });
  for (const takesMs of [300, 3, 300]) {
    const { manager } = bench.session();
    manager.defer(() => bench.clock.advance(takesMs));
    await manager.close();
  }
  const metrics = await collect();
  const { count, sum, buckets } = cleanupTimes(metrics);
  expect([count, sum]).toEqual([3, 0.603]);
  expect(buckets.counts).toHaveLength(buckets.boundaries.length + 1);
  expect(buckets.counts.flatMap((inBucket, place) => (inBucket === 0 ? [] : [[buckets.boundaries[place], inBucket]])))
    .toEqual([[500 / 128 / 1000, 1], [0.5, 2]]); // prettier-ignore
  const figures = metrics.get('watertight.cleanup.duration')?.map(({ attributes }) => attributes['figure']);
  expect(figures).toEqual(['slot_reusable', 'socket_gone', 'finalizers_done']);
});

test('[TM37] cleanup times are those of the factory that is told, whatever another one is called', async () => {
  const [bench, namesake] = [new Bench(), new Bench()];
  const both = prometheusText({ factories: [namesake.factory, bench.factory] });
  expect(both).toContain('watertight_users{factory="default-2"} 0');
  const { collect } = telling(bench);
  for (const of of [bench, namesake, namesake]) await of.session().manager.close();
  const points = (await collect()).get('watertight.cleanup.duration') ?? [];
  const told = points.map(({ attributes, value }) => [attributes['factory'], (value as Times).count]);
  expect(told).toEqual([
    ['default-2', 1],
    ['default-2', 1],
  ]);
});

test('[TM46] a meter that is told twice of one factory records each cleanup once, also when the first has stopped', async () => {
  const bench = new Bench({ name: 'chat' });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  atEnd(() => provider.shutdown());
  const options = { factories: [bench.factory], recordsCleanups: true };
  const [first, second] = [1, 2].map(() => observeWith(provider.getMeter('test'), options));
  atEnd(() => second?.stop());
  const counted = async (): Promise<unknown> => {
    exporter.reset();
    await reader.forceFlush();
    const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    const points = metrics.filter(({ descriptor }) => descriptor.name === 'watertight.cleanup.duration');
    return points.flatMap(({ dataPoints }) => dataPoints.map(({ value }) => (value as Times).count));
  };
  await bench.manager().close();
  expect(await counted()).toEqual([1]);
  first?.stop();
  first?.stop();
  await bench.manager().close();
  expect(await counted()).toEqual([2]);
});
