import { createManagerFactory } from '@watertight/server';
import { expect, test } from 'vitest';
import { FakeClock } from '../../src/kit.ts';

test('[TK11] a factory on a fake clock finds a silent peer when the test says that the time has passed, and not before', async () => {
  const clock = new FakeClock();
  const factory = createManagerFactory({ clock, heartbeatIntervalMs: 30_000, heartbeatMisses: 1 });
  factory.start();
  const silent = factory.connect({ ping: () => undefined, close: () => undefined, destroy: () => silent.markGone() });
  factory.tryAdmit({ user: 'ada' }, { connection: silent });
  await clock.advance(20_000);
  expect(factory.usage('ada').held).toBe(1);
  await clock.advance(70_000);
  expect(factory.usage('ada').held).toBe(0);
  await factory.close();
  await clock.settle();
  expect(clock.armedCount).toBe(0);
});

test('[TK11] timers run when they are due, in order, and intervals again', async () => {
  const clock = new FakeClock();
  const ran: string[] = [];
  const note = (what: string) => (): void => void ran.push(`${what} ${clock.now()}`);
  clock.setTimeout(note('late'), 50);
  const beat = clock.setInterval(note('beat'), 20);
  clock.clear(clock.setTimeout(note('never'), 10));
  await clock.advance(50);
  clock.clear(beat);
  expect(ran).toEqual(['beat 20', 'beat 40', 'late 50']);
  await expect(clock.advance(-1)).rejects.toThrow('expected a number of milliseconds of at least 0');
});
