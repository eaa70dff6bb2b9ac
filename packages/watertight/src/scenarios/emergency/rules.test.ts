import { expect, test } from 'vitest';
import type { Promises } from '../../verdict/types.ts';
import type { ScenarioContext } from '../types.ts';
import { emergencyRules } from './rules.ts';

const promises = (limit: number, threshold: number): Promises => ({
  limit: { by: 'option', value: limit },
  deadlineMs: { by: 'nobody' },
  emergencyThreshold: { by: 'option', value: threshold },
  silenceDetectedWithinMs: { by: 'option', value: 900 },
});

// A product of floating-point numbers may be a little more than it is: 55.00000000000001.
test.each([
  [20, 0.8, 16],
  [10, 0.55, 6],
  [50, 0.14, 7],
  [100, 0.55, 55],
])('[N5] of %i at %d the threshold is %i, as in the runtime', (limit, threshold, expected) => {
  const context: Pick<ScenarioContext, 'promises' | 'inside'> = {
    promises: promises(limit, threshold),
    inside: undefined,
  };
  expect(emergencyRules(context)).toMatchObject({ threshold: expected, deadlineMs: 500 });
});
