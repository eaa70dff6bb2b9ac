import { expect, test } from 'vitest';
import { managerCleanupTimingPrecision } from '../scenarios/manager-cleanup-timing-precision.ts';
import { rapidConnectionCyclesStress } from '../scenarios/rapid-connection-cycles-stress.ts';
import { USUAL_EFFORT, type Scenario } from '../scenarios/types.ts';
import { announce, estimateRun, type Announcement } from './announcement.ts';

type Estimated = Parameters<Scenario['estimate']>[0];

const NOBODY = { by: 'nobody' } as const;
const CYCLES = 20;

function estimateOf(scenario: Scenario, promises: Partial<Estimated['promises']> = {}): Announcement {
  const context: Partial<Estimated> = {
    cycles: CYCLES,
    effort: USUAL_EFFORT,
    bail: false,
    promises: {
      limit: NOBODY,
      deadlineMs: NOBODY,
      emergencyThreshold: NOBODY,
      silenceDetectedWithinMs: NOBODY,
      ...promises,
    },
  };
  return estimateRun([[[[scenario]]]], context as Estimated);
}

test('[C10] the cycles are announced with all that suspicion may add, and without', () => {
  const announcement = estimateOf(rapidConnectionCyclesStress);
  const pressedAgain = [1, 2, 4, 6, 8].reduce((sum, factor, index) => sum + factor * CYCLES + index, 0);
  const eachEndingAlone = 9 * 61 + 7;
  const betweenHeaps = 307 + 401;
  const goodbyes = 3;
  const usual = 20 + CYCLES + goodbyes;
  expect(announcement).toMatchObject({
    usualSocketCount: usual,
    socketCount: usual + pressedAgain + eachEndingAlone + betweenHeaps,
  });
  expect(announce('node server.mjs', 'ws://127.0.0.1:1/', 1, announcement)).toBe(
    `watertight: 1 scenario against node server.mjs at ws://127.0.0.1:1/; about ${usual} sockets, at most ${announcement.socketCount} where something is suspected, not counting who is refused and comes again, about 4 s`,
  );
});

test('[C10] what is skipped as not promised opens nothing, and says one number', () => {
  const nothing = estimateOf(managerCleanupTimingPrecision);
  expect(nothing).toEqual({ socketCount: 0, usualSocketCount: 0, atOnceCount: 0, seconds: 0 });
  expect(announce('a', 'b', 2, nothing)).toBe('watertight: 2 scenarios against a at b; at most 0 sockets, about 0 s');
  const promised = estimateOf(managerCleanupTimingPrecision, { deadlineMs: { by: 'option', value: 500 } });
  expect(promised.socketCount).toBeGreaterThan(0);
});
