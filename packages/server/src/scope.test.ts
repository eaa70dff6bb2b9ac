import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { ManagerClosedError } from './errors.ts';
import { Bench, NEVER, deferred, watch } from '../test/factory-kit.ts';

test('[M5] what was acquired last is disposed of first', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const order: string[] = [];
  manager.defer(() => order.push('a'));
  manager.use({ [Symbol.dispose]: () => void order.push('b') });
  manager.defer(async () => {
    await Promise.resolve();
    order.push('c');
  });
  manager.defer(({ reason }) => order.push(`d: ${reason}`));
  const report = await manager.close('done');
  expect(order).toEqual(['d: done', 'c', 'b', 'a']);
  expect(report).toMatchObject({ finalizersRun: 4, failed: [], overdue: [], deadlineMet: true });
});

test('[M6] use takes both kinds of disposables, prefers the asynchronous way, and hands the resource back', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const ways: string[] = [];
  class Both {
    [Symbol.dispose](): void {
      ways.push('sync');
    }
    [Symbol.asyncDispose](): Promise<void> {
      ways.push('async');
      return Promise.resolve();
    }
  }
  const both = new Both();
  expect(manager.use(both)).toBe(both);
  manager.use({ [Symbol.dispose]: () => void ways.push('only sync') });
  await manager.close();
  expect(ways).toEqual(['only sync', 'async']);
});

test('[M7] listen works with EventEmitter and EventTarget and removes exactly its own listener', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const emitter = new EventEmitter();
  const target = new EventTarget();
  const seen: string[] = [];
  const foreign = (): void => void seen.push('foreign');
  emitter.on('message', foreign);
  manager.listen(emitter, 'message', () => seen.push('emitter'));
  manager.listen(target, 'message', () => seen.push('target'));
  emitter.emit('message');
  target.dispatchEvent(new Event('message'));
  expect(seen).toEqual(['foreign', 'emitter', 'target']);
  await manager.close();
  expect(emitter.listeners('message')).toEqual([foreign]);
  target.dispatchEvent(new Event('message'));
  expect(seen).toHaveLength(3);
});

test('[M8] every and after run until the end and never after it', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const runs = { every: 0, after: 0, tooLate: 0 };
  manager.every(100, () => (runs.every += 1));
  manager.after(250, () => (runs.after += 1));
  manager.after(1000, () => (runs.tooLate += 1));
  await bench.clock.advance(500);
  expect(runs).toEqual({ every: 5, after: 1, tooLate: 0 });
  await manager.close();
  await bench.clock.advance(2000);
  expect(runs).toEqual({ every: 5, after: 1, tooLate: 0 });
});

test('[M8] a timer whose callback fails, at once or later, goes on and is reported', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  let runs = 0;
  manager.every(100, () => {
    runs += 1;
    if (runs === 1) throw new Error('at once');
    return Promise.reject(new Error('later'));
  });
  await bench.clock.advance(300);
  expect(runs).toBe(3);
  expect(bench.errors.map(({ stage, error }) => [stage, (error as Error).message])).toEqual([
    ['timer', 'at once'],
    ['timer', 'later'],
    ['timer', 'later'],
  ]);
});

test('[M9] a child scope ends with its parent, in its place among the resources', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const order: string[] = [];
  manager.defer(() => order.push('parent first'));
  const child = manager.child();
  child.defer(() => order.push('child first'));
  child.child().defer(() => order.push('grandchild'));
  child.defer(() => order.push('child last'));
  manager.defer(() => order.push('parent last'));
  const report = await manager.close();
  expect(order).toEqual(['parent last', 'child last', 'grandchild', 'child first', 'parent first']);
  expect(report.finalizersRun).toBe(5);
  expect(() => child.defer(() => undefined)).toThrow(ManagerClosedError);
});

test('[M9] a child scope may end earlier, with a report of its own, and leaves nothing in its parent', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const order: string[] = [];
  const child = manager.child();
  child.defer(() => order.push('child'));
  child.defer(() => Promise.reject(new Error('broke')), { name: 'room' });
  const report = await child.close();
  expect(report).toMatchObject({ finalizersRun: 2, failed: [{ name: 'room', error: 'broke' }], overdue: [] });
  expect(await child.close()).toBe(report);
  await child[Symbol.asyncDispose]();
  expect(order).toEqual(['child']);
  expect(manager.state).toBe('active');
  expect((await manager.close()).finalizersRun).toBe(0);
});

test('[M9] a child scope with a hung finalizer ends by the cleanup deadline and names it', async () => {
  const bench = new Bench();
  const child = bench.manager().child();
  const order: string[] = [];
  child.defer(() => order.push('behind'));
  child.defer(() => NEVER, { name: 'hung' });
  const closed = child.close();
  await bench.clock.advance(100);
  expect(order).toEqual(['behind']);
  await bench.clock.advance(400);
  expect((await closed).overdue.map(({ name }) => name)).toEqual(['hung']);
});

test('[M9] a manager that ends while a child scope is closing waits for it and names what is overdue in it', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const child = manager.child();
  const started: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    child.defer(
      () => {
        started.push(name);
        return NEVER;
      },
      { name },
    );
  }
  const childClosed = watch(child.close());
  const released = manager.destroy();
  const factoryClosed = watch(bench.factory.close());
  expect([started, manager.state]).toEqual([['g'], 'closing']);
  await bench.clock.advance(500);
  expect(started).toEqual(['g', 'f', 'e', 'd', 'c', 'b', 'a']);
  expect((await released).overdue.map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  expect([childClosed.settled, factoryClosed.settled]).toEqual([true, true]);
});

test('[M10] a registration disposed of early runs once, answers what the disposal answers, and leaves nothing', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const emitter = new EventEmitter();
  let disposals = 0;
  const registrations = [
    manager.defer(() => {
      disposals += 1;
      return 'answer';
    }),
    manager.listen(emitter, 'x', () => undefined),
    manager.every(10, () => undefined),
    manager.after(10, () => undefined),
  ];
  expect(registrations.map((registration) => registration.dispose())).toEqual([
    'answer',
    undefined,
    undefined,
    undefined,
  ]);
  for (const registration of registrations) registration[Symbol.dispose]();
  expect([disposals, emitter.listenerCount('x'), bench.clock.armed]).toEqual([1, 0, 1]);
  expect((await manager.close()).finalizersRun).toBe(0);
});

test('[M10] resources taken out of the middle leave the others in order', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const order: number[] = [];
  const registrations = [0, 1, 2, 3, 4].map((index) => manager.defer(() => order.push(index)));
  for (const index of [2, 4, 0]) registrations[index]?.dispose();
  expect(order.splice(0)).toEqual([2, 4, 0]);
  manager.defer(() => order.push(5));
  await manager.close();
  expect(order).toEqual([5, 3, 1]);
});

test('[M10] an after that has run is forgotten', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  for (let index = 0; index < 100; index += 1) manager.after(10, () => undefined);
  await bench.clock.advance(10);
  expect((await manager.close()).finalizersRun).toBe(0);
});

test('[M11] what is handed to a manager that has ended is disposed of at once, and the caller is told', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  await manager.close();
  const disposed: string[] = [];
  const emitter = new EventEmitter();
  const attempts = [
    () => manager.defer(() => disposed.push('defer')),
    () => manager.use({ [Symbol.dispose]: () => void disposed.push('use') }),
    () => manager.listen(emitter, 'x', () => undefined),
    () => manager.every(10, () => undefined),
    () => manager.after(10, () => undefined),
    () => manager.child(),
  ];
  for (const attempt of attempts)
    expect(attempt).toThrow(expect.objectContaining({ code: 'WATERTIGHT_E_MANAGER_CLOSED' }));
  expect([disposed, emitter.listenerCount('x'), bench.clock.armed]).toEqual([['defer', 'use'], 0, 1]);
});

test('[M11] it is disposed of also when its disposal fails, at once or later', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const closing = deferred();
  manager.defer(() => closing.promise);
  void manager.destroy();
  expect(manager.state).toBe('closing');
  expect(() =>
    manager.defer(() => {
      throw new Error('at once');
    }),
  ).toThrow(ManagerClosedError);
  expect(() => manager.defer(() => Promise.reject(new Error('later')))).toThrow(ManagerClosedError);
  await bench.clock.settle();
  expect(bench.errors.map(({ error }) => (error as Error).message)).toEqual(['at once', 'later']);
  closing.resolve();
});

test('[M7] several may register the same function with one EventTarget, and each removes its own', async () => {
  const bench = new Bench();
  const target = new EventTarget();
  let heard = 0;
  const listener = (): void => void (heard += 1);
  const managers = bench.managers(2);
  for (const manager of managers) manager.listen(target, 'said', listener);
  target.dispatchEvent(new Event('said'));
  await managers[0]?.close();
  target.dispatchEvent(new Event('said'));
  expect(heard).toBe(3);
  await managers[1]?.close();
  target.dispatchEvent(new Event('said'));
  expect(heard).toBe(3);
});

test('[M7] of a function that others registered with an EventEmitter too, also by once and later, each listener goes that was added here', async () => {
  const bench = new Bench();
  const emitter = new EventEmitter();
  let heard = 0;
  const listener = (): void => void (heard += 1);
  const [one, two] = bench.managers(2);
  one?.listen(emitter, 'said', listener);
  emitter.once('said', listener);
  two?.listen(emitter, 'said', listener);
  emitter.once('said', listener);
  await one?.close();
  await two?.close();
  expect(emitter.listenerCount('said')).toBe(2);
  emitter.emit('said');
  expect([heard, emitter.listenerCount('said')]).toEqual([2, 0]);
});

test('[M8] a timer that was started before a slow finalizer does not run while that is waited for', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  let runs = 0;
  manager.every(10, () => (runs += 1));
  manager.after(50, () => (runs += 1));
  manager.defer(() => NEVER);
  void manager.close();
  await bench.clock.advance(600);
  expect([manager.state, runs]).toEqual(['closed', 0]);
});

test.each([2 ** 31, Infinity, NaN])('[M8] a time of %s ms, which no timer can wait for, is refused', async (timeMs) => {
  const manager = new Bench().manager();
  const bound = new RegExp(`must be a number of at most 2147483647 ms; got ${timeMs}`);
  expect(() => manager.after(timeMs, () => undefined)).toThrow(bound);
  expect(() => manager.every(timeMs, () => undefined)).toThrow(bound);
  expect((await manager.close()).finalizersRun).toBe(0);
});

test('[M9] a child scope that is closed by its own finalizer ends once', async () => {
  const bench = new Bench();
  const child = bench.manager().child();
  const gate = deferred();
  let inside: Promise<unknown> | undefined;
  child.defer(() => gate.promise);
  child.defer(() => {
    inside = child.close();
  });
  const closed = child.close();
  expect(inside).toBe(closed);
  gate.resolve();
  expect((await closed).finalizersRun).toBe(2);
});

test('[M9] a child scope that is closed while its parent lets go of it keeps its order, and is waited for by both', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const child = manager.child();
  const order: string[] = [];
  const gate = deferred();
  child.defer(
    () => {
      order.push('behind');
      return NEVER;
    },
    { name: 'hung' },
  );
  child.defer(() => gate.promise);
  const closed = manager.close();
  const childClosed = child.close();
  await bench.clock.settle();
  expect(order).toEqual([]);
  gate.resolve();
  await bench.clock.advance(600);
  expect(order).toEqual(['behind']);
  for (const { finalizersRun, overdue } of [await closed, await childClosed])
    expect([finalizersRun, overdue.map(({ name }) => name)]).toEqual([2, ['hung']]);
});
