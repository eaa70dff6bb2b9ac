import { describe, expect, it } from 'vitest';

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
    };
    expect(listBlindSpots(seen)).toHaveLength(2);
  });
});
