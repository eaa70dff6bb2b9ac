import { expect, test } from 'vitest';
import { inSlices } from './slices.ts';
import { ManualClock } from '../test/manual-clock.ts';

test('[W3] work is cut into slices of at most 10 ms, and the event loop gets its turn in between', async () => {
  const clock = new ManualClock(0);
  const turns: number[] = [];
  const report = inSlices(clock, Array(1000).keys(), (item) => {
    clock.stall(0.1);
    if (item % 100 === 0) clock.setImmediate(() => turns.push(item));
  });
  await clock.settle();
  expect(await report).toMatchObject({ items: 1000 });
  expect((await report).longestSliceMs).toBeLessThanOrEqual(10);
  expect((await report).longestSliceMs).toBeGreaterThan(0);
  expect(turns).toHaveLength(10);
});

test('[W3] entries may come and go while a map is walked', async () => {
  const clock = new ManualClock(0);
  const entries = new Map(Array.from({ length: 100 }, (_, index) => [index, index]));
  const seen: number[] = [];
  await inSlices(clock, entries.values(), (value) => {
    seen.push(value);
    entries.delete(value);
    entries.delete(value + 1);
  });
  expect([seen.length, entries.size]).toEqual([50, 0]);
});

test('[W3] a handler that throws ends the work', async () => {
  const broken = inSlices(new ManualClock(0), [1, 2, 3].values(), (item) => {
    if (item === 2) throw new Error('broke at 2');
  });
  await expect(broken).rejects.toThrow('broke at 2');
});
