import { expect, test } from 'vitest';

import { excuseFindings, type Excuses } from './excuse.ts';
import type { Finding } from './finding.ts';
import type { ScenarioResult, Violation } from './types.ts';

const finding = (fingerprint: string, name: string, file: string): Finding => {
  const place = { functionName: 'onConnection', file, line: 7, column: 3, owner: { is: 'application' as const } };
  return {
    fingerprint,
    kind: 'objects',
    name,
    growth: { is: 'leak', perCycle: 1, exact: true, low: 1, high: 1 },
    bytesPerCycle: 32,
    allocatedAt: place,
    allocationStack: [place],
    definedAt: null,
    retainedBy: null,
    keptBy: null,
    independentRetainers: null,
    traceNote: null,
    endings: null,
    carriedAlong: [],
    windows: [],
    allowed: null,
    known: null,
    title: `1 ${name} per connection (32 B)`,
    sentence: '',
  };
};
const violation = (type: Violation['type'], kind: Violation['kind']): Violation => ({
  type,
  kind,
  severity: 'critical',
  scenario: 'cycles',
  step: 'cycles/x',
  message: '',
  evidence: {},
  expected: false,
});
const scenario = (violations: readonly Violation[], findings: readonly Finding[]): ScenarioResult => ({
  name: 'cycles',
  purpose: '',
  verdict: 'leak',
  steps: [{ id: 'cycles/x', title: '', status: 'broken', figures: {}, elapsedMs: 0 }],
  violations,
  timings: {},
  figures: {},
  findings,
  elapsedMs: 0,
});
const excuses = (more: Partial<Excuses>): Excuses => ({ allow: [], baseline: undefined, today: '2026-11-28', ...more });
const leak = violation('instances-left', 'leak');

test('[V23] what the baseline knows does not convict; what is new does, and is marked', () => {
  const two = scenario([leak], [finding('aa', 'Session', 'a.ts'), finding('bb', 'Room', 'b.ts')]);
  const all = excuseFindings([two], excuses({ baseline: new Set(['aa', 'bb']) })).scenarios[0];
  expect(all).toMatchObject({ verdict: 'watertight', findings: [{ known: true }, { known: true }] });
  const some = excuseFindings([two], excuses({ baseline: new Set(['aa']) })).scenarios[0];
  expect(some).toMatchObject({ verdict: 'leak', findings: [{ known: true }, { known: false }] });
});

test.each([
  ['fingerprint', 'aa'],
  ['name', 'Session'],
  ['file', 'a.ts'],
])('[V24] an allowance fits by %s, and its reason is shown', (_by, match) => {
  const seen = excuseFindings(
    [scenario([leak], [finding('aa', 'Session', 'a.ts')])],
    excuses({ allow: [{ match, reason: 'a ring of ours' }] }),
  );
  expect(seen.scenarios[0]).toMatchObject({ verdict: 'watertight', findings: [{ allowed: 'a ring of ours' }] });
  expect(seen.idle).toEqual([]);
});

test('[V24] an allowance whose time is over allows nothing, and one that fits nothing is named', () => {
  const allow = [
    { match: 'aa', reason: 'until the rewrite', until: '2026-11-27' },
    { match: 'Elsewhere', reason: 'gone' },
  ];
  const seen = excuseFindings([scenario([leak], [finding('aa', 'Session', 'a.ts')])], excuses({ allow }));
  expect(seen.scenarios[0]).toMatchObject({ verdict: 'leak', findings: [{ allowed: null }] });
  expect(seen.idle).toEqual([
    'allow "aa" (until the rewrite) was valid until 2026-11-27',
    'allow "Elsewhere" (gone) fits no finding of this run',
  ]);
});

test('[V24] on its last day it still holds', () => {
  const allow = [{ match: 'aa', reason: 'today', until: '2026-11-28' }];
  const seen = excuseFindings([scenario([leak], [finding('aa', 'Session', 'a.ts')])], excuses({ allow }));
  expect(seen.scenarios[0]?.verdict).toBe('watertight');
});

test('[V23] a broken promise is never excused', () => {
  const broken = scenario([violation('late-release', 'violation')], [finding('aa', 'Session', 'a.ts')]);
  expect(excuseFindings([broken], excuses({ baseline: new Set(['aa']) })).scenarios[0]?.verdict).toBe('violation');
});
