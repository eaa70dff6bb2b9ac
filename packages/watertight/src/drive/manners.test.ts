import { expect, test } from 'vitest';
import { politeManners } from './manners.ts';

function manners(ratePerSecond: number | undefined, signal = new AbortController().signal) {
  const storms: string[] = [];
  return { storms, ...politeManners({ ratePerSecond, onStorm: (sentence) => void storms.push(sentence), signal }) };
}

test('[FL2] connections are spaced evenly, and no burst is saved up', async () => {
  const { takePlace } = manners(100);
  await takePlace();
  // Nobody came for the time of five.
  const idleUntilMs = performance.now() + 50;
  while (performance.now() < idleUntilMs);
  const beganAtMs = performance.now();
  for (let count = 0; count < 6; count += 1) await takePlace();
  // A timer of Node may fire a millisecond early.
  expect(performance.now() - beganAtMs).toBeGreaterThanOrEqual(5 * 10 - 2);
});

test('[FL2] whoever comes after many at once waits for all of them, and not after the run was aborted', async () => {
  const run = new AbortController();
  const { takePlace } = manners(1, run.signal);
  await takePlace(3_600);
  const waiting = takePlace();
  run.abort();
  await expect(waiting).rejects.toThrow('aborted');
});

test('[FL3] a storm is five 5xx in a row, whoever is refused otherwise or let in between, and is told once', () => {
  const { note, storms } = manners(undefined);
  for (const status of [500, 502, 503, 504, undefined, 500, 502, 503, 504, 429, 500, 500, 500, 500]) note(status);
  expect(storms).toEqual([]);
  for (const status of [503, 503]) note(status);
  expect(storms).toEqual(['stopped at a storm of 5xx: 5 attempts in a row were answered HTTP 503']);
});
