import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { atEnd, Bench } from '../../test/factory-kit.ts';
import { collectInto, PROMETHEUS_NAMES, prometheusHandler, prometheusText } from './prometheus.ts';

async function livedBench(): Promise<Bench> {
  const bench = new Bench({ name: 'chat', maxManagersPerUser: 3 });
  bench.managers(3);
  bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  const { manager } = bench.session('bob');
  manager.defer(() => bench.clock.advance(300));
  await manager.close('he said: "bye\\now"\n');
  return bench;
}

test('[TM1] sizes, totals and reasons are told as they are, and nobody is named', async () => {
  const { factory } = await livedBench();
  const text = prometheusText({ factories: [factory] });
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      '# TYPE watertight_managers gauge',
      'watertight_managers{factory="chat",state="active"} 3',
      'watertight_managers_without_connection{factory="chat"} 3',
      'watertight_limit_hits_total{factory="chat"} 1',
      'watertight_admissions_refused_total{factory="chat",reason="user-limit"} 1',
      'watertight_users_highest_usage_ratio{factory="chat"} 1',
      'watertight_managers_limit{factory="chat",scope="user"} 3',
      'watertight_managers_created_total{factory="chat"} 4',
    ]),
  );
  expect(text).not.toMatch(/ada|bob/);
  // A limit that is off has no series, rather than one that says 0.
  expect(text).not.toContain('scope="process"');
});

test('[TM1] what callers choose as reasons is escaped', async () => {
  const { factory } = await livedBench();
  expect(prometheusText({ factories: [factory] })).toContain(
    String.raw`watertight_managers_released_total{factory="chat",reason="he said: \"bye\\now\"\n"} 1`,
  );
});

test('[TM2] cleanup times are a histogram with a bucket that ends at 500 ms', async () => {
  const { factory } = await livedBench();
  const lines = prometheusText({ factories: [factory] }).split('\n');
  const of = (suffix: string): readonly string[] =>
    lines.filter((line) =>
      line.startsWith(`watertight_cleanup_duration_seconds${suffix}{factory="chat",figure="finalizers_done"`),
    );
  expect(of('_bucket').map((line) => line.replace(/.*le="(.*)"} /, '$1 '))).toEqual([
    '0.00390625 0',
    '0.0078125 0',
    '0.015625 0',
    '0.03125 0',
    '0.0625 0',
    '0.125 0',
    '0.25 0',
    '0.5 1',
    '1 1',
    '2 1',
    '4 1',
    '8 1',
    '+Inf 1',
  ]);
  expect(of('_count')[0]).toMatch(/ 1$/);
  expect(of('_sum')[0]).toMatch(/ 0\.3$/);
});

test('[TM3] two factories of one name do not write the same series twice', () => {
  const [one, other] = [new Bench({ name: 'chat' }), new Bench({ name: 'chat' })];
  other.managers(2);
  const text = prometheusText({ factories: [one.factory, other.factory] });
  expect(text).toContain('watertight_users{factory="chat"} 0\nwatertight_users{factory="chat-2"} 1\n');
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const names = series.map((line) => line.replace(/ [^ ]*$/, ''));
  expect(new Set(names).size).toBe(names.length);
});

test('[TM3] a factory keeps its name when another one of that name has closed: no counter falls', async () => {
  const [one, two] = [new Bench({ name: 'chat' }), new Bench({ name: 'chat' })];
  one.managers(5);
  two.managers(2);
  const created = (factories: readonly Bench[]): readonly string[] =>
    prometheusText({ factories: factories.map(({ factory }) => factory) })
      .split('\n')
      .filter((line) => line.startsWith('watertight_managers_created_total'));
  const series = ['chat', 'chat-2'].map(
    (name, index) => `watertight_managers_created_total{factory="${name}"} ${index === 0 ? 5 : 2}`,
  );
  expect(created([one, two])).toEqual(series);
  expect(created([two])).toEqual(series.slice(1));
  const three = new Bench({ name: 'chat' });
  expect(created([two, three])).toEqual([series[1], 'watertight_managers_created_total{factory="chat"} 0']);
});

test('[TM5] of several processes prom-client adds up what may be added up, and takes the highest of the rest', async () => {
  const registries = [8, 6, 1].map((held) => {
    const bench = new Bench({ name: 'chat', maxManagersPerUser: 20 });
    bench.managers(held);
    const registry = new Registry();
    collectInto(registry, { factories: [bench.factory] });
    return registry;
  });
  const told = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
  const text = await AggregatorRegistry.aggregate(told).metrics();
  expect(text).toContain('watertight_managers{factory="chat",state="active"} 15\n');
  expect(text).toContain('watertight_managers_created_total{factory="chat"} 15\n');
  expect(text).toContain('watertight_users_highest_usage_ratio{factory="chat"} 0.4\n');
  expect(text).toContain('watertight_managers_limit{factory="chat",scope="user"} 20\n');
});

test('[TM3] a factory that has the name which a second one of another name would get is a series of its own', () => {
  const factories = ['chat', 'chat', 'chat-2'].map((name) => new Bench({ name }).factory);
  const users = prometheusText({ factories }).match(/^watertight_users\{.*\}/gm) ?? [];
  expect(new Set(users).size).toBe(3);
});

test('[TM3] without a list, every open factory of the process is told, and none that is closed', async () => {
  const bench = new Bench({ name: 'later-made' });
  expect(prometheusText()).toContain('factory="later-made"');
  await bench.finish();
  expect(prometheusText()).not.toContain('factory="later-made"');
});

test('[TM4] over HTTP: GET and HEAD, and nothing else', async () => {
  const { factory } = new Bench({ name: 'chat' });
  const server = createServer(prometheusHandler({ factories: [factory] })).listen(0, '127.0.0.1');
  atEnd(() => new Promise((resolve) => server.close(resolve)));
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const got = await fetch(url);
  expect(got.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await got.text()).toContain('watertight_users{factory="chat"} 0');
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const post = await fetch(url, { method: 'POST', body: 'x' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('[TM5] a registry of prom-client tells the same, beside its own, until it is stopped', async () => {
  const { factory } = await livedBench();
  const registry = new Registry();
  const collection = collectInto(registry, { factories: [factory] });
  const series = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .toSorted();
  expect(series(await registry.metrics())).toEqual(series(prometheusText({ factories: [factory] })));
  expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual(PROMETHEUS_NAMES);
  registry.resetMetrics();
  collection.stop();
  expect(await registry.metrics()).toBe('\n');
});

test('[TM38] factories of one name that were told apart before are two series where both are told, and one told twice is one', () => {
  const factories = [new Bench(), new Bench()].map(({ factory }) => factory);
  const users = (told: typeof factories): readonly string[] =>
    prometheusText({ factories: told }).match(/^watertight_users\{.*\}/gm) ?? [];
  for (const factory of factories) expect(users([factory])).toEqual(['watertight_users{factory="default"}']);
  const both = ['watertight_users{factory="default"}', 'watertight_users{factory="default-2"}'];
  expect(users(factories)).toEqual(both);
  expect(users([...factories, ...factories])).toEqual(both);
  expect(users(factories.slice(1))).toEqual(both.slice(1));
});

test('[TM39] a registry that has one of the names already gets none of them, and stopping twice takes out nothing of others', async () => {
  const { factory } = new Bench({ name: 'chat' });
  const taken = new Registry();
  const theirs = new Gauge({ name: 'watertight_users', help: 'of somebody else', registers: [taken] });
  expect(() => collectInto(taken, { factories: [factory] })).toThrow(/watertight_users/);
  expect(taken.getMetricsAsArray()).toEqual([theirs]);
  const registry = new Registry();
  const first = collectInto(registry, { factories: [factory] });
  first.stop();
  collectInto(registry, { factories: [factory] });
  first.stop();
  expect(await registry.metrics()).toContain('watertight_users{factory="chat"} 0');
});

test('[TM45] options of telemetry that do not exist, and what is no list of factories, are refused: all would be told', () => {
  const { factory } = new Bench();
  for (const wrong of [{ factory }, { factories: factory }, { factories: [{}] }, null])
    for (const tell of [prometheusText, prometheusHandler, (given: never) => collectInto(new Registry(), given)])
      expect(() => tell(wrong as never)).toThrow(
        /factory is not an option of telemetry|factories must be a list|options of telemetry/,
      );
});
