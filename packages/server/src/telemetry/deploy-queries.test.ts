import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { systemPart } from '../../../../scripts/system-parts.mjs';
import { atEnd, Bench } from '../../test/factory-kit.ts';
import { runTool } from '../../test/run-tool.ts';
import { CLEANUP_DURATION, INSTRUMENTS } from './instruments.ts';
import { PROMETHEUS_NAMES, prometheusText } from './prometheus.ts';
import { prometheusName } from './prometheus-names.ts';

const DEPLOY = fileURLToPath(new URL('../../../../deploy/', import.meta.url));
const read = (file: string): string => readFileSync(join(DEPLOY, file), 'utf8');

const promtool = systemPart('promtool') ?? '';
/** `npm test` has said loudly that it is not there. */
const withPromtool = test.skipIf(promtool === '');

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: {
    readonly list: readonly { readonly type: string; readonly query: string | { query: string } }[];
  };
}
const dashboard = (): Dashboard => JSON.parse(read('grafana/watertight.json')) as Dashboard;
const targets = (): Dashboard['panels'][number]['targets'] => dashboard().panels.flatMap((panel) => panel.targets);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}
const rules = (): readonly Rule[] =>
  (parse(read('prometheus/alerts.yml')) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  );

/** What Prometheus and the exporter put on everything. */
const EVERYWHERE = ['job', 'instance', 'factory'];
/** Names as they are asked for, with the suffixes that only a histogram has, and the labels of each. */
const LABELS: ReadonlyMap<string, readonly string[]> = new Map([
  ...INSTRUMENTS.map((instrument) => [prometheusName(instrument), [...EVERYWHERE, ...instrument.labels]] as const),
  ...['_bucket', '_sum', '_count'].map((suffix) => {
    const labels = [...EVERYWHERE, ...CLEANUP_DURATION.labels, ...(suffix === '_bucket' ? ['le'] : [])];
    return [prometheusName(CLEANUP_DURATION) + suffix, labels] as const;
  }),
]);

interface Asked {
  readonly query: string;
  /** With what stands in their braces. */
  readonly selectors: readonly { readonly metric: string; readonly matchers: readonly string[] }[];
  /** Of `by (…)`, `on (…)` and the like. */
  readonly grouping: readonly string[];
}

function askedBy(query: string): Asked {
  const selectors = [...query.matchAll(/\b(watertight_\w+)(?:\{([^}]*)\})?/g)].map(([, metric = '', inner = '']) => ({
    metric,
    matchers: inner.match(/\w+\s*(?:=~|!~|!=|=)\s*"[^"]*"/g) ?? [],
  }));
  const grouping = [...query.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right) ?\(([^)]*)\)/g)];
  return { query, selectors, grouping: grouping.flatMap(([, labels = '']) => labels.split(/,\s*/)) };
}

const labelOf = (matcher: string): string => /^\w+/.exec(matcher)?.[0] ?? '';
const valuesOf = (matcher: string): readonly string[] => (/"([^"]*)"/.exec(matcher)?.[1] ?? '').split('|');

const allAsked = (): readonly Asked[] => [...targets(), ...rules()].map(({ expr }) => askedBy(expr));

test('[TM12] rules and dashboard ask for exported metrics only, by labels that each of them has', () => {
  const unknown = allAsked().flatMap(({ query, selectors, grouping }) => {
    const known = new Set(selectors.flatMap(({ metric }) => LABELS.get(metric) ?? []));
    const wrong = selectors.flatMap(({ metric, matchers }) => {
      const labels = LABELS.get(metric);
      return labels === undefined ? [metric] : matchers.map(labelOf).filter((label) => !labels.includes(label));
    });
    const all = [...wrong, ...grouping.filter((label) => !known.has(label))];
    return all.length === 0 ? [] : [{ query, unknown: all }];
  });
  expect(unknown).toEqual([]);
  // A quantile of what no bucket is left in is no number.
  const quantiles = allAsked().filter(({ query }) => query.includes('_bucket'));
  expect(quantiles.map(({ grouping }) => grouping.includes('le'))).toEqual([true, true]);
});

test('[TM12] the values that are asked for are exported, and what a legend or a summary names is in the answer', async () => {
  const { factory, clock } = new Bench({ maxManagers: 10 });
  // The pressure is measured.
  await clock.advance(1000);
  const lines = prometheusText({ factories: [factory] }).split('\n');
  const absent = allAsked().flatMap(({ selectors }) =>
    selectors.flatMap(({ metric, matchers }) =>
      matchers
        .filter((matcher) => !EVERYWHERE.includes(labelOf(matcher)))
        .flatMap((matcher) => valuesOf(matcher).map((value) => `${labelOf(matcher)}="${value}"`))
        .filter((pair) => !lines.some((line) => line.startsWith(`${metric}{`) && line.includes(pair)))
        .map((pair) => `${metric}{${pair}}`),
    ),
  );
  expect(absent).toEqual([]);
  for (const { expr, legendFormat } of targets()) {
    const named = new Set([...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label));
    expect(named, expr).toEqual(new Set(askedBy(expr).grouping.filter((label) => label !== 'le')));
  }
  for (const { alert, annotations } of rules()) {
    const named = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
    expect(
      named.filter((label) => !EVERYWHERE.includes(label)),
      alert,
    ).toEqual([]);
  }
  const variables = dashboard().templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : query.query));
  expect(variables).toEqual(EVERYWHERE.map((label) => `label_values(watertight_users, ${label})`));
});

test('[TM12] the dashboard shows every metric but the limits', () => {
  const shown = targets().flatMap(({ expr }) => askedBy(expr).selectors.map(({ metric }) => metric));
  const names = new Set(shown.map((metric) => metric.replace(/_(bucket|sum|count)$/, '')));
  // In numbers they would press everything beside them against the axis. How much of them is used is shown as shares.
  expect(PROMETHEUS_NAMES.filter((name) => !names.has(name))).toEqual(['watertight_managers_limit']);
});

test('[TM12] a panel asks for what its title promises', () => {
  const asked = (title: string): string =>
    (dashboard().panels.find((panel) => panel.title === title)?.targets ?? []).map(({ expr }) => expr).join('\n');
  expect(asked('Users and the oldest manager')).toContain('watertight_managers_oldest_age_seconds');
});

withPromtool('[TM12] every query of the dashboard is one that Prometheus understands', async () => {
  const queries = targets().map(({ expr }) => expr);
  expect(queries.length).toBeGreaterThan(20);
  const records = queries.map(
    (query, index) => `      - record: query_${index}\n        expr: ${JSON.stringify(query)}`,
  );
  const place = mkdtempSync(join(tmpdir(), 'queries-'));
  atEnd(() => rmSync(place, { recursive: true }));
  const file = join(place, 'queries.yml');
  writeFileSync(file, `groups:\n  - name: dashboard\n    rules:\n${records.join('\n')}\n`);
  expect(await runTool(promtool, ['check', 'rules', file])).toMatchObject({ exitCode: 0 });
});
