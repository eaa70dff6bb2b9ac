import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { systemPart } from '../../../../scripts/system-parts.mjs';
import { atEnd } from '../../test/factory-kit.ts';
import { runTool } from '../../test/run-tool.ts';
import { ALERT_RULES } from './alerts.ts';

const CONFIG = fileURLToPath(new URL('../../../../deploy/alertmanager/alertmanager.yml', import.meta.url));
const RULES = fileURLToPath(new URL('../../../../deploy/prometheus/alerts.yml', import.meta.url));

const amtool = systemPart('amtool') ?? '';
/** `npm test` has said loudly that it is not there. */
const withAmtool = test.skipIf(amtool === '');

interface Route {
  readonly receiver?: string;
  readonly group_by?: readonly string[];
  readonly matchers?: readonly string[];
  readonly routes?: readonly Route[];
}

interface Routing {
  readonly route: Route;
  readonly inhibit_rules: readonly {
    readonly source_matchers: readonly string[];
    readonly target_matchers: readonly string[];
    readonly equal: readonly string[];
  }[];
  readonly receivers: readonly { readonly name: string }[];
}

const routing = (): Routing => parse(readFileSync(CONFIG, 'utf8')) as Routing;
const withInner = (route: Route): readonly Route[] => [route, ...(route.routes ?? []).flatMap(withInner)];

/** Which of the values are meant; Alertmanager anchors its expressions at both ends. */
function meant(matcher: string, label: string, values: readonly string[]): readonly string[] {
  const [, name = '', sign = '', text = ''] = /^(\w+)\s*(=~|=)\s*"?([^"]*)"?$/.exec(matcher) ?? [];
  expect([matcher, name, sign]).toEqual([matcher, label, expect.stringMatching(/^=~?$/)]);
  return values.filter((value) => (sign === '=' ? value === text : new RegExp(`^(?:${text})$`).test(value)));
}

/** Each name in an expression by itself: of `A|B` both have to be there. */
const alternatives = (matcher: string): readonly string[] => {
  const [, head = '', text = ''] = /^(\w+\s*=~?\s*)"?([^"]*)"?$/.exec(matcher) ?? [];
  return text.split('|').map((one) => `${head}${one}`);
};

test('[TM17] the example for Alertmanager matches alerts and severities that there are', () => {
  const { route, inhibit_rules: inhibitions } = routing();
  const matchers = [
    ...withInner(route).flatMap(({ matchers: some = [] }) => some),
    ...inhibitions.flatMap(({ source_matchers: source, target_matchers: target }) => [...source, ...target]),
  ];
  const values = new Map([
    ['alertname', ALERT_RULES.map(({ name }) => name)],
    ['severity', ALERT_RULES.map(({ severity }) => severity)],
  ]);
  expect(matchers.length).toBeGreaterThan(5);
  for (const matcher of matchers.flatMap(alternatives)) {
    const label = /^\w+/.exec(matcher)?.[0] ?? '';
    expect(meant(matcher, label, values.get(label) ?? []), matcher).not.toEqual([]);
  }
});

test('[TM17] its receivers are there and used, and it groups and silences by labels that every alert has', () => {
  const { route, inhibit_rules: inhibitions, receivers } = routing();
  const routes = withInner(route);
  const named = routes.flatMap(({ receiver = [] }) => receiver);
  expect(new Set(named)).toEqual(new Set(receivers.map(({ name }) => name)));
  // What a rule makes a sum of keeps these; the others keep all labels of their metric, these among them.
  const sums = [...readFileSync(RULES, 'utf8').matchAll(/\b(?:by|on) \(([^)]*)\)/g)].map(([, labels]) => labels);
  expect(new Set(sums)).toEqual(new Set(['job, instance, factory']));
  const given = ['alertname', 'severity', 'job', 'instance', 'factory'];
  const asked = [...routes.flatMap(({ group_by: by = [] }) => by), ...inhibitions.flatMap(({ equal }) => equal)];
  expect(asked.filter((label) => !given.includes(label))).toEqual([]);
  // One factory that locks users out must not silence what is said of another.
  for (const { equal } of inhibitions) expect(equal).toEqual(expect.arrayContaining(['instance', 'factory']));
});

withAmtool(
  '[TM17] Alertmanager takes the example, and sends each critical alert elsewhere than the others',
  async () => {
    expect(await runTool(amtool, ['check-config', CONFIG])).toMatchObject({ exitCode: 0 });
    const place = mkdtempSync(join(tmpdir(), 'routes-'));
    atEnd(() => rmSync(place, { recursive: true }));
    const broken = join(place, 'broken.yml');
    writeFileSync(broken, readFileSync(CONFIG, 'utf8').replace('receiver: night', 'receiver: nobody'));
    expect((await runTool(amtool, ['check-config', broken])).exitCode).not.toBe(0);
    const receivers = await Promise.all(
      ALERT_RULES.map(async ({ name, severity }) => {
        const labels = [`alertname=${name}`, `severity=${severity}`];
        const { output } = await runTool(amtool, ['config', 'routes', 'test', `--config.file=${CONFIG}`, ...labels]);
        return [name, output.split('\n')[0]];
      }),
    );
    expect(receivers).toEqual(
      ALERT_RULES.map(({ name, severity }) => [name, severity === 'critical' ? 'night' : 'day']),
    );
  },
);
