import { expect, test } from 'vitest';
import { Deadline, DeadlineQueue } from './deadline-queue.ts';
import { MAX_TIMER_MS, systemClock } from './clock.ts';
import { ManualClock } from '../test/manual-clock.ts';

class Probe extends Deadline {
  readonly #run: (nowMs: number, latenessMs: number) => void;

  constructor(run: (nowMs: number, latenessMs: number) => void) {
    super();
    this.#run = run;
  }

  override onDue(nowMs: number, latenessMs: number): void {
    this.#run(nowMs, latenessMs);
  }
}

function newQueue(): {
  clock: ManualClock;
  queue: DeadlineQueue;
  errors: unknown[];
  schedule: (delayMs: number, run?: () => void) => Probe;
} {
  const clock = new ManualClock(0);
  const errors: unknown[] = [];
  const queue = new DeadlineQueue(clock, (error) => errors.push(error));
  const schedule = (delayMs: number, run: () => void = () => undefined): Probe => {
    const probe = new Probe(run);
    queue.schedule(probe, delayMs, clock.now());
    return probe;
  };
  return { clock, queue, errors, schedule };
}

test('[W1] all deadlines share one timer, armed to the earliest', async () => {
  const { clock, queue, schedule } = newQueue();
  const due: number[] = [];
  for (const delayMs of [500, 100, 300, 100, 200]) schedule(delayMs, () => due.push(clock.now()));
  expect([clock.armed, queue.size]).toEqual([1, 5]);
  await clock.advance(1000);
  expect(due).toEqual([100, 100, 200, 300, 500]);
  expect([clock.armed, queue.size]).toEqual([0, 0]);
});

test('[W1] timers of the clock of the system never keep a process alive', () => {
  const timers = [systemClock.setTimeout(() => undefined, 1000), systemClock.setInterval(() => undefined, 1000)];
  expect(timers.map((timer) => (timer as NodeJS.Timeout).hasRef())).toEqual([false, false]);
  for (const timer of timers) systemClock.clear(timer);
});

test('[W7] the timer is armed with few different delays, and nothing is due at another time for it', async () => {
  const { clock, queue, schedule } = newQueue();
  const asked = new Set<number>();
  const arm = clock.setTimeout.bind(clock);
  clock.setTimeout = (run, delayMs) => {
    asked.add(delayMs);
    return arm(run, delayMs);
  };
  const late: number[] = [];
  for (let delayMs = 30_000; delayMs > 300; delayMs -= 7) schedule(delayMs, () => late.push(clock.now() - delayMs));
  expect(queue.size).toBe(4_243);
  expect(asked.size).toBeLessThan(64);
  while (queue.size > 0) await clock.advance(500);
  expect(new Set(late)).toEqual(new Set([0]));
  expect(Math.max(...asked)).toBeLessThanOrEqual(30_000);
});

test('[W2] a deadline that is cancelled or put off is not due at its old time', async () => {
  const { clock, queue, schedule } = newQueue();
  const due: string[] = [];
  const cancelled = schedule(100, () => due.push('cancelled'));
  const putOff = schedule(100, () => due.push(`put off ${clock.now()}`));
  schedule(100, () => due.push('kept'));
  queue.cancel(cancelled);
  queue.cancel(cancelled);
  await clock.advance(50);
  queue.schedule(putOff, 100, clock.now());
  await clock.advance(200);
  expect(due).toEqual(['kept', 'put off 150']);
});

test('[W2] a deadline scheduled by one that is due is due in its own time', async () => {
  const { clock, schedule } = newQueue();
  const due: number[] = [];
  schedule(100, () => {
    due.push(clock.now());
    schedule(30, () => due.push(clock.now()));
  });
  schedule(200, () => due.push(clock.now()));
  await clock.advance(300);
  expect(due).toEqual([100, 130, 200]);
});

test('[W2] what is due learns how late it is', async () => {
  const clock = new ManualClock(0);
  const queue = new DeadlineQueue(clock, () => undefined);
  const seen: [number, number][] = [];
  queue.schedule(new Probe((nowMs, latenessMs) => seen.push([nowMs, latenessMs])), 100, clock.now());
  clock.stall(450);
  await clock.advance(0);
  expect(seen).toEqual([[450, 350]]);
});

test('[W2] one that throws stops no other', async () => {
  const { clock, errors, schedule } = newQueue();
  const due: string[] = [];
  schedule(10, () => {
    throw new Error('broke');
  });
  schedule(10, () => due.push('same time'));
  schedule(20, () => due.push('later'));
  await clock.advance(50);
  expect([due, errors.length]).toEqual([['same time', 'later'], 1]);
});

test('[W3] many due at once are handled in slices of at most 10 ms', async () => {
  const { clock, queue, schedule } = newQueue();
  let handled = 0;
  for (let index = 0; index < 100; index += 1) {
    schedule(10, () => {
      handled += 1;
      clock.stall(1);
    });
  }
  clock.stall(10);
  await clock.advance(0);
  expect(handled).toBe(100);
  expect(queue.longestSliceMs).toBeLessThanOrEqual(10);
});

test('[W1] a closed queue has no timer and takes nothing any more', async () => {
  const { clock, queue, schedule } = newQueue();
  let due = 0;
  schedule(100, () => (due += 1));
  queue.close();
  schedule(100, () => (due += 1));
  expect([clock.armed, queue.size]).toEqual([0, 0]);
  await clock.advance(1000);
  expect(due).toBe(0);
});

test('[W8] different delays, eight at once, make no more than eight lanes however many come and go', async () => {
  const { clock, schedule } = newQueue();
  const lanes = new Set<unknown>();
  for (let round = 0; round < 50; round += 1) {
    for (let index = 0; index < 8; index += 1) lanes.add(schedule(10 + round * 8 + index).lane);
    await clock.advance(1_000);
  }
  expect(lanes.size).toBe(8);
});

test('[W7] the longest delay there may be is armed as it is: one millisecond more, and Node would run it at once', () => {
  const clock = new ManualClock(1000.5);
  const queue = new DeadlineQueue(clock, () => undefined);
  const delays: number[] = [];
  clock.setTimeout = (_run, delayMs) => {
    delays.push(delayMs);
    return {};
  };
  queue.schedule(new Probe(() => undefined), MAX_TIMER_MS, clock.now());
  expect(Math.max(...delays)).toBeLessThanOrEqual(MAX_TIMER_MS);
});
