import { expect, it } from 'vitest';

import type { Case } from './cases.mjs';
import { judge, type Result } from './judge.mjs';

type Finding = Result['findings'][number];
type Place = NonNullable<Finding['allocatedAt']>;

const CASE: Case = {
  id: 'some-case',
  folder: '/nowhere',
  package: 'some',
  kind: 'leak',
  mechanism: 'a Map',
  trigger: 'any life',
  reference: 'own code',
  server: 'server.mjs',
  variants: [
    { name: 'buggy', version: '1', verdict: 'leak' },
    { name: 'fixed', version: '2', verdict: 'watertight' },
  ],
  expected: {
    place: [
      { file: 'node_modules/some/lib/server.js', functions: ['open'] },
      { file: 'server.mjs', functions: ['admit'] },
    ],
    resource: 'objects',
  },
  check: {},
  environment: {},
  companions: [],
};

function at(functionName: string, file: string): Place {
  return { functionName, file, line: 1, column: 1, owner: { is: 'application' } };
}

function finding(more: Partial<Finding> = {}): Finding {
  return {
    fingerprint: 'f',
    kind: 'objects',
    name: 'Session',
    growth: { is: 'leak', perCycle: 1, exact: true, low: 1, high: 1 },
    bytesPerCycle: 32,
    allocatedAt: null,
    allocationStack: [],
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
    title: '',
    sentence: '',
    ...more,
  };
}

function leakWith(...findings: readonly Finding[]): Result {
  return { verdict: 'leak', exitCode: 1, findings };
}

it('[B31] the exit code decides: a leak found or missed, a false alarm, or no answer', () => {
  const markOf = (variant: string, exitCode: number) =>
    judge(CASE, variant, { verdict: '', exitCode, findings: [] }).mark;
  expect(markOf('buggy', 1)).toBe('right');
  expect(markOf('buggy', 0)).toBe('missed');
  expect(markOf('fixed', 0)).toBe('right');
  expect(markOf('fixed', 1)).toBe('false alarm');
  expect(markOf('buggy', 3)).toBe('inconclusive');
  expect(markOf('fixed', 3)).toBe('inconclusive');
});

it('[B31] a place is named by allocation site, stack, class or retaining path, in that order', () => {
  const right = at('open', '/cache/some-case/buggy/node_modules/some/lib/server.js');
  const wrong = at('emit', 'node_modules/other/index.js');
  // Of a package only the three innermost frames are shown; where another one comes in, one more.
  const byOf = (more: Partial<Finding>) => judge(CASE, 'buggy', leakWith(finding(more))).placeBy;
  expect(byOf({ allocatedAt: right, definedAt: right })).toBe('allocated');
  expect(byOf({ allocatedAt: wrong, allocationStack: [wrong, wrong, right] })).toBe('stack');
  expect(byOf({ allocationStack: [wrong, wrong, wrong, right] })).toBeNull();
  expect(byOf({ definedAt: right })).toBe('defined');
  const step = { edge: 'sessions', edgeKind: 'property', name: 'Map', scope: null, place: right } as const;
  expect(byOf({ retainedBy: [step] })).toBe('retained');
});

it('[B31] file and function must both be accepted, and a file of a package is not taken for one of the server', () => {
  const isNamed = (place: Place) => judge(CASE, 'buggy', leakWith(finding({ allocatedAt: place }))).placeRank === 1;
  expect(isNamed(at('admit', 'server.mjs'))).toBe(true);
  expect(isNamed(at('Object.admit', '/srv/app/server.mjs'))).toBe(true);
  expect(isNamed(at('close', 'server.mjs'))).toBe(false);
  expect(isNamed(at('admit', 'node_modules/other/server.mjs'))).toBe(false);
  expect(isNamed(at('admit', 'my-server.mjs'))).toBe(false);
});

it('[B31] the rank counts findings that say leak and are not allowed', () => {
  const right = at('admit', 'server.mjs');
  const bounded = finding({ growth: { is: 'bounded', at: 50 }, allocatedAt: right });
  const allowed = finding({ allowed: 'known for years', allocatedAt: right });
  const judgement = judge(CASE, 'buggy', leakWith(bounded, allowed, finding(), finding({ allocatedAt: right })));
  expect(judgement).toMatchObject({ placeRank: 2, placeBy: 'allocated', findingCount: 2, top: { at: null } });
});
