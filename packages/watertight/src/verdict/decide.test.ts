import { describe, expect, it } from 'vitest';

import { decideRun, decideScenario, judgeExpectations } from './decide.ts';
import type { ScenarioResult, StepResult, Verdict, Violation } from './types.ts';

const step = (status: StepResult['status']): StepResult => ({
  id: `x/${status}`,
  title: status,
  status,
  figures: {},
  elapsedMs: 1,
});
const violation = (kind: Violation['kind'], expected = false): Violation => ({
  type: kind === 'leak' ? 'managers-left' : 'slow-cleanup',
  kind,
  severity: 'high',
  scenario: 'x',
  step: 'x/broken',
  message: 'seen',
  evidence: {},
  expected,
});
const scenario = (verdict: Verdict, violations: readonly Violation[] = []): ScenarioResult => ({
  name: 'x',
  purpose: '',
  verdict,
  steps: [],
  violations,
  timings: {},
  figures: {},
  findings: [],
  elapsedMs: 0,
});

describe('the verdict of a scenario', () => {
  it.each([
    ['a leak beats everything', ['broken', 'inconclusive'], [violation('violation'), violation('leak')], 'leak'],
    ['a violation beats inconclusive', ['broken', 'inconclusive'], [violation('violation')], 'violation'],
    ['inconclusive beats held', ['held', 'inconclusive'], [], 'inconclusive'],
    ['a step that was not run makes it inconclusive', ['held', 'not run'], [], 'inconclusive'],
    ['held is watertight', ['held', 'not visible', 'not promised'], [], 'watertight'],
    ['an expected violation does not count', ['held', 'broken'], [violation('leak', true)], 'watertight'],
    ['nothing but unpromised is not promised', ['not promised', 'not visible'], [], 'not promised'],
    ['nothing visible is not visible', ['not visible', 'not visible'], [], 'not visible'],
    ['a step that nobody could decide beats what is not visible', ['not visible', 'inconclusive'], [], 'inconclusive'],
    ['no steps at all is inconclusive', [], [], 'inconclusive'],
  ] as const)('[V1] %s', (_, statuses, violations, verdict) => {
    expect(decideScenario(statuses.map(step), violations)).toBe(verdict);
  });
});

describe('the verdict of a run', () => {
  it.each([
    ['all watertight', ['watertight', 'not promised'], null, 'watertight', 0],
    ['a leak beats the rest', ['inconclusive', 'violation', 'leak'], null, 'leak', 1],
    ['a violation beats inconclusive', ['inconclusive', 'violation'], null, 'violation', 1],
    ['a violation beats an early end', ['violation'], 'interrupted', 'violation', 1],
    ['inconclusive', ['watertight', 'inconclusive'], null, 'inconclusive', 3],
    ['an early end is never 0', ['watertight'], 'interrupted', 'inconclusive', 3],
    ['only unpromised is never 0', ['not promised'], null, 'inconclusive', 3],
    ['what is not visible holds nobody up', ['watertight', 'not visible'], null, 'watertight', 0],
    ['only what is not visible is never 0', ['not visible', 'not promised'], null, 'inconclusive', 3],
    ['nothing examined is never 0', [], null, 'inconclusive', 3],
  ] as const)('[V2] %s', (_, verdicts, stopped, verdict, exitCode) => {
    expect(
      decideRun(
        verdicts.map((each) => scenario(each)),
        stopped,
      ),
    ).toEqual({ verdict, exitCode });
  });
});

describe('expected violations', () => {
  it('[V3] nothing expected gives no row', () => {
    expect(judgeExpectations([], [], null)).toBeUndefined();
  });

  it('[V3] one that occurred holds', () => {
    const row = judgeExpectations(['managers-left'], [scenario('watertight', [violation('leak', true)])], null);
    expect(row?.verdict).toBe('watertight');
    expect(row?.steps.map((each) => [each.id, each.status])).toEqual([['expectations/managers-left', 'held']]);
  });

  it('[V3] one that did not occur is a violation', () => {
    const row = judgeExpectations(['timers-left'], [scenario('watertight')], null);
    expect(row?.verdict).toBe('violation');
    expect(row?.violations[0]).toMatchObject({
      type: 'expected-violation-missing',
      message: 'timers-left was expected by name and did not occur',
      expected: false,
    });
  });

  it('[V3] one that did not occur before an early end is not run', () => {
    const row = judgeExpectations(['timers-left'], [scenario('inconclusive')], 'interrupted by SIGINT');
    expect(row).toMatchObject({ verdict: 'inconclusive', violations: [] });
  });
});
