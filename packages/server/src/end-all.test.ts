import { expect, test } from 'vitest';
import { Bench } from '../test/factory-kit.ts';

const MANY = { maxManagersPerUser: false, maxClosingPerUser: false } as const;

test('[R16] of more than two hundred and fifty that are closed together the rest waits for the first', async () => {
  const bench = new Bench(MANY);
  bench.sessions(1500);
  const closed = bench.factory.close();
  expect(bench.factory.stats()).toMatchObject({ active: 1250 });
  await bench.clock.advance(1);
  expect(bench.factory.stats()).toMatchObject({ active: 0 });
  await bench.clock.advance(500);
  await closed;
});

test('[R16] sockets that do not go hold the others back for no longer than the closing handshake', async () => {
  const bench = new Bench(MANY);
  const sessions = bench.sessions(2500, 'ada', { closes: false });
  const closed = bench.factory.closeAllForUser('ada', 'banned');
  const activeAfter = async (delayMs: number): Promise<number> => {
    await bench.clock.advance(delayMs);
    return bench.factory.stats().active;
  };
  expect([await activeAfter(0), await activeAfter(199), await activeAfter(2), await activeAfter(200)]).toEqual([
    2250, 2250, 1750, 750,
  ]);
  await bench.clock.advance(1000);
  const reports = await closed;
  expect(reports).toHaveLength(sessions.length);
  expect(reports.every(({ deadlineMet, reason }) => deadlineMet && reason === 'banned')).toBe(true);
});

test('[R16] up to a hundred are closed before the call returns, however slow that is', async () => {
  const bench = new Bench(MANY);
  bench.sessions(100);
  const now = bench.clock.now.bind(bench.clock);
  bench.clock.now = () => {
    bench.clock.stall(1);
    return now();
  };
  const closed = bench.factory.closeAllForUser('ada');
  expect(bench.held()).toBe(0);
  await bench.clock.advance(1000);
  expect(await closed).toHaveLength(100);
});

test('[R16] a few hundred are closed in slices, in one go', async () => {
  const bench = new Bench(MANY);
  bench.sessions(300);
  // Each look at the clock costs some of its time: after a few of them a slice is over.
  const now = bench.clock.now.bind(bench.clock);
  bench.clock.now = () => {
    bench.clock.stall(0.02);
    return now();
  };
  const closed = bench.factory.close();
  const { active } = bench.factory.stats();
  expect(active).toBeGreaterThan(0);
  expect(active).toBeLessThan(300);
  await bench.clock.advance(1000);
  await closed;
  expect(bench.factory.stats().liveness.longestSliceMs).toBeLessThanOrEqual(10);
});

test('[R16] while the loop does not keep up fewer are closed at once', async () => {
  const bench = new Bench(MANY);
  bench.sessions(1500, 'ada', { closes: false });
  const closed = bench.factory.closeAllForUser('ada', 'banned');
  bench.clock.stall(400);
  await bench.clock.advance(1);
  expect(bench.factory.stats()).toMatchObject({ active: 1125 });
  await bench.clock.advance(3000);
  expect(await closed).toHaveLength(1500);
});
