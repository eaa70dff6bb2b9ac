import { describe, expect, it } from 'vitest';

import { leakOfSessions } from '../../test/sample-finding.ts';
import { listBlindSpots } from './blind-spots.ts';
import { suggestNextSteps } from './next-steps.ts';
import type { Promises, ScenarioResult, Violation } from './types.ts';
import { VIOLATION_TYPES, isViolationType, type ViolationType } from './violation-types.ts';

const nobody = { by: 'nobody' } as const;
const promises: Promises = {
  limit: { by: 'option', value: 20 },
  deadlineMs: { by: 'target', value: 500 },
  emergencyThreshold: { by: 'config', value: 0.8 },
  silenceDetectedWithinMs: { by: 'option', value: 2_000 },
};

function convicted(type: ViolationType, expected = false): ScenarioResult {
  const violation: Violation = {
    type,
    kind: VIOLATION_TYPES[type],
    severity: 'high',
    scenario: 'some-scenario',
    step: 'some/step',
    message: '',
    evidence: {},
    expected,
  };
  return {
    name: 'some-scenario',
    purpose: '',
    verdict: 'leak',
    steps: [],
    violations: [violation],
    timings: {},
    figures: {},
    findings: [],
    elapsedMs: 0,
  };
}

describe('what to do next', () => {
  it('[V11] is nothing when everything is promised and held', () => {
    expect(suggestNextSteps({ promises, stopped: null, seed: 1, scenarios: [] })).toEqual([]);
  });

  it('[V11] names the missing promises', () => {
    expect(
      suggestNextSteps({
        promises: { ...promises, limit: nobody, silenceDetectedWithinMs: nobody },
        stopped: null,
        seed: 1,
        scenarios: [],
      }),
    ).toEqual(['Say what the server promises, so that it can be held to it: --limit <count>, --silence <ms>']);
  });

  it('[V11] puts the limit before the speed of the clean-up', () => {
    const steps = suggestNextSteps({
      promises,
      stopped: null,
      seed: 7,
      scenarios: [convicted('slow-cleanup'), convicted('limit-not-enforced')],
    });
    expect(steps.map((step) => step.slice(0, 20))).toEqual([
      'Enforce the limit wh',
      'Bound the close: clo',
      'Repeat what failed a',
    ]);
    expect(steps.at(-1)).toContain('--only some-scenario --seed 7');
  });

  it.each(Object.keys(VIOLATION_TYPES).filter(isViolationType))('[V11] has advice for %s', (type) => {
    expect(suggestNextSteps({ promises, stopped: null, seed: 1, scenarios: [convicted(type)] }).length).toBeGreaterThan(
      1,
    );
  });

  it('[V11] points to a finding only where there is one', () => {
    const [without] = suggestNextSteps({
      promises,
      stopped: null,
      seed: 1,
      scenarios: [convicted('collection-grows')],
    });
    expect(without).toMatch(/: the violation says after which endings entries stay, and what the collection holds\.$/);
    const found = { ...convicted('collection-grows'), findings: [leakOfSessions] };
    const [beside] = suggestNextSteps({ promises, stopped: null, seed: 1, scenarios: [found] });
    expect(beside).toMatch(/: the finding names the collection and who reaches it\.$/);
  });

  it('[V11] says how large a bound, and how late a sweep, a run cannot tell from a collection that grows', () => {
    const looks = [0, 29, 33, 0].map((cycles, at) => ({ cycles, atMs: at * 2_050 }));
    const stepsOf = (type: ViolationType, expected = false): readonly string[] =>
      suggestNextSteps({
        promises,
        stopped: null,
        seed: 1,
        scenarios: [{ ...convicted(type, expected), evidence: { looks, rows: [], unseen: [] } }],
      });
    expect(stepsOf('collection-grows')).toContain(
      'If a collection that grew is bounded, but above the 62 connections of this run, or is swept later than 5 s after they ended, that is no leak: repeat it with --cycles well above its bound, or with a --settle of more than 5000 ms.',
    );
    expect(stepsOf('timers-left').join()).not.toContain('--settle');
    expect(stepsOf('collection-grows', true)).toEqual([]);
  });

  it.each([
    [
      'the slot was reusable: never; repeat on a less busy machine',
      ['Repeat the inconclusive steps on a quieter machine'],
    ],
    [
      'let go of within 500 ms: 2 of 9; --deadline with more time would settle it',
      ['Settle what was inconclusive: let go of'],
    ],
  ])('[V11] sends nobody to a quieter machine but for what a busy one left open: %s', (note, advice) => {
    const step = { id: 'some/step', title: '', status: 'inconclusive', note, figures: {}, elapsedMs: 0 } as const;
    const scenario: ScenarioResult = {
      ...convicted('slow-cleanup'),
      verdict: 'inconclusive',
      violations: [],
      steps: [step],
    };
    const steps = suggestNextSteps({ promises, stopped: null, seed: 1, scenarios: [scenario] });
    expect(steps.map((one, index) => one.slice(0, advice[index]?.length))).toEqual(advice);
  });

  it('[V11] gives no advice for what was expected', () => {
    expect(
      suggestNextSteps({ promises, stopped: null, seed: 1, scenarios: [convicted('slow-cleanup', true)] }),
    ).toEqual([]);
  });
});

describe('blind spots', () => {
  const target = { label: 'x', url: 'ws://x/', pid: null, insideView: false, factory: false };

  it('[V12] name the reason why the target could not be opened', () => {
    const spots = listBlindSpots({
      target,
      promises,
      stopped: null,
      coverage: null,
      scenarios: [],
      insideNote: 'no pid',
      clients: undefined,
    });
    expect(spots[0]).toContain('counted. No pid.');
    expect(spots.join(' ')).toContain('suite-coverage was not run');
  });

  it('[V12] are never empty, because no test shows everything', () => {
    const open = { ...target, insideView: true, factory: true };
    const all = { ...promises, silenceDetectedWithinMs: { by: 'target', value: 90_000 } } as const;
    const seen = {
      target: open,
      promises: all,
      stopped: null,
      coverage: { scenarios: [], rows: [] },
      scenarios: [],
      insideNote: undefined,
      clients: undefined,
    };
    expect(listBlindSpots(seen)).toHaveLength(2);
  });

  const lastTwo = (seen: Partial<Parameters<typeof listBlindSpots>[0]>): readonly string[] =>
    listBlindSpots({
      target,
      promises,
      stopped: null,
      coverage: null,
      scenarios: [],
      insideNote: undefined,
      clients: undefined,
      ...seen,
    }).slice(-2);
  const here = { isElsewhere: false, isProxied: false };
  const cycled = (...cycles: readonly number[]): Partial<Parameters<typeof listBlindSpots>[0]> => ({
    scenarios: [
      {
        ...convicted('instances-left'),
        evidence: { looks: [0, ...cycles].map((one) => ({ cycles: one, atMs: 0 })), rows: [], unseen: [] },
      },
    ],
  });

  it.each([
    [{ recipe: 'ws', ...here }, /^Clients spoke plain WebSocket over loopback: lost packets, proxies in between/],
    [{ recipe: 'socket.io', ...here }, /^Clients followed the recipe socket\.io over loopback: /],
    [{ recipe: 'ws', isElsewhere: true, isProxied: false }, /plain WebSocket over one network path: /],
    [
      { recipe: 'mqtt', isElsewhere: true, isProxied: true },
      /mqtt over one network path, through one proxy: lost packets, other/,
    ],
    [undefined, /^No client connected/],
  ])('[V12] say what clients %j did not bring with them', (clients, sentence) => {
    expect(lastTwo({ clients })[0]).toMatch(sentence);
  });

  it.each([
    [
      [29, 33, 38],
      /^What stays of fewer than one cycle in 20, or grows only over hours, does not show in the 100 cycles/,
    ],
    [[8, 9, 13], /one cycle in 6, .* in the 30 cycles/],
    [[29, 33, 38, 200, 401, 602], /one cycle in 50, .* in the 1303 cycles/],
    [[1, 2], /fewer than every cycle, .* in the 3 cycles/],
    [[], /^Nothing was counted over many connections/],
  ])('[V12] say how rare a leak may be to show in windows of %j', (cycles, sentence) => {
    expect(lastTwo(cycled(...cycles))[1]).toMatch(sentence);
  });
});
