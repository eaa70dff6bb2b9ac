import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { systemPart } from '../../../../scripts/system-parts.mjs';
import { ALERT_RULES } from './alerts.ts';
import { CLEANUP_DURATION, INSTRUMENTS } from './instruments.ts';
import { prometheusText } from './prometheus.ts';
import { prometheusName } from './prometheus-names.ts';
import { atEnd, Bench } from '../../test/factory-kit.ts';
import { runTool } from '../../test/run-tool.ts';

const DEPLOY = fileURLToPath(new URL('../../../../deploy/', import.meta.url));
const RULES = join(DEPLOY, 'prometheus', 'alerts.yml');
const TESTS = join(DEPLOY, 'prometheus', 'alerts.test.yml');
const read = (file: string): string => readFileSync(join(DEPLOY, file), 'utf8');

const promtool = systemPart('promtool') ?? '';
/** `npm test` has said loudly that it is not there. */
const withPromtool = test.skipIf(promtool === '');

const runPromtool = (args: readonly string[], input?: string) => runTool(promtool, args, input);

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'deploy-'));
  atEnd(() => rmSync(made, { recursive: true }));
  return made;
}

const namesOfRules = (text: string): readonly string[] =>
  [...text.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

withPromtool(
  '[TM12] the alert rules hold on series on which they must fire, and on healthy ones on which they must not',
  async () => {
    expect(await runPromtool(['check', 'rules', RULES])).toMatchObject({ exitCode: 0 });
    expect(await runPromtool(['test', 'rules', TESTS])).toMatchObject({ exitCode: 0 });
  },
);

withPromtool(
  '[TM12] each rule that no longer fires turns its test red, and so does each that always does',
  async () => {
    const rules = read('prometheus/alerts.yml');
    const tests = read('prometheus/alerts.test.yml');
    const withRules = async (text: string): Promise<string> => {
      const place = folder();
      writeFileSync(join(place, 'alerts.yml'), text);
      writeFileSync(join(place, 'alerts.test.yml'), tests);
      return (await runPromtool(['test', 'rules', join(place, 'alerts.test.yml')])).output;
    };
    const silent = await withRules(
      rules.replaceAll(
        /^ {8}expr: (>-\n)?/gm,
        (found) => `${found}${found.includes('\n') ? '          ' : ''}vector(1) < 0 and `,
      ),
    );
    const loud = await withRules(
      rules.replaceAll(/^ {8}expr: (?:>-\n(?: {10}.*\n)+|.*\n)(?: {8}for: .*\n)?/gm, '        expr: vector(1)\n'),
    );
    for (const name of namesOfRules(rules)) {
      expect(silent).toContain(String.raw`alertname=\"${name}\"`);
      expect(loud).toMatch(new RegExp(`alertname: ${name},`));
    }
  },
);

interface RuleTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test?: readonly { readonly eval_time: string }[];
  readonly promql_expr_test?: readonly { readonly eval_time: string }[];
}

/** As promtool writes series: `1`, `1x5` and `1+2x5`; the latter two have one sample more than they say. */
const sampleCount = (values: string): number =>
  values.split(' ').reduce((sum, part) => sum + 1 + Number(/x(\d+)$/.exec(part)?.[1] ?? 0), 0);

test('[TM12] no series of the tests of the rules has ended when it is judged: of what is absent every rule keeps quiet', () => {
  const { tests } = parse(read('prometheus/alerts.test.yml')) as { readonly tests: readonly RuleTest[] };
  const judged = tests.flatMap(({ name, interval, input_series: series, ...one }) => {
    expect(interval, name).toBe('1m');
    const times = [...(one.alert_rule_test ?? []), ...(one.promql_expr_test ?? [])].map(({ eval_time: at }) => at);
    expect(
      times.filter((at) => !/^\d+m$/.test(at)),
      name,
    ).toEqual([]);
    return times.flatMap((at) =>
      series.map(({ values }) => ({ name, at: parseInt(at), samples: sampleCount(values) })),
    );
  });
  expect(judged.length).toBeGreaterThan(ALERT_RULES.length * 2);
  expect(judged.filter(({ at, samples }) => samples <= at)).toEqual([]);
});

test('[TM12] the rules of Prometheus and those in the process have the same names, severities and waits, and each a section in the runbook', () => {
  const rules = read('prometheus/alerts.yml');
  expect(namesOfRules(rules)).toEqual(ALERT_RULES.map(({ name }) => name));
  const severities = [...rules.matchAll(/severity: (\w+)/g)].map(([, severity]) => severity);
  expect(severities).toEqual(ALERT_RULES.map(({ severity }) => severity));
  const { groups } = parse(rules) as { groups: readonly { rules: readonly { for?: string }[] }[] };
  const waits = groups.flatMap(({ rules: all }) => all.map(({ for: wait = '0m' }) => wait));
  expect(waits).toEqual(ALERT_RULES.map(({ forMs }) => `${forMs / 60_000}m`));
  const sections = [...read('RUNBOOK.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(ALERT_RULES.map(({ name }) => name));
  const anchors = [...rules.matchAll(/runbook: deploy\/RUNBOOK\.md#(\w+)/g)].map(([, anchor]) => anchor);
  expect(anchors).toEqual(ALERT_RULES.map(({ name }) => name.toLowerCase()));
});

withPromtool('[TM1] names, types, units and text are as Prometheus wants them', async () => {
  const bench = new Bench({ name: 'a "quoted"\nname', maxManagers: 10, maxManagersPerUser: 2 });
  bench.managers(2);
  bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  await bench.session('bob').manager.close('odd \\ reason');
  const text = prometheusText({ factories: [bench.factory] });
  expect(await runPromtool(['check', 'metrics'], text)).toEqual({ exitCode: 0, output: '' });
  expect((await runPromtool(['check', 'metrics'], text.replaceAll('_seconds', '_ms'))).exitCode).not.toBe(0);
});

test('[TM1] the README lists exactly the instruments, with unit, labels and meaning', () => {
  const page = readFileSync(join(DEPLOY, '..', 'packages', 'server', 'README.md'), 'utf8');
  const [, section = ''] = page.split('\n## Metrics and alerts\n');
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  const expected = [...INSTRUMENTS, CLEANUP_DURATION].map((instrument) => [
    `\`${prometheusName(instrument)}\``,
    instrument.unit.replace(/[{}]/g, ''),
    instrument.labels.map((label) => `\`${label}\``).join(', '),
    instrument.description,
  ]);
  expect(
    rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ),
  ).toEqual(expected);
});
