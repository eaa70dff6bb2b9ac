import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { Bench } from '../test/factory-kit.ts';
import type { Manager } from './manager.ts';

/** What JavaScript lets through: nobody's compiler looks at it. */
type Untyped = Record<'use' | 'defer' | 'listen' | 'every' | 'after', (...given: unknown[]) => unknown>;

function untyped(manager: Manager): Untyped {
  return manager as unknown as Untyped;
}

const NOT_DISPOSABLE = 'use needs a resource with [Symbol.dispose]() or [Symbol.asyncDispose](); got';
const run = (): undefined => undefined;

test.each<[string, (manager: Untyped) => unknown]>([
  [`${NOT_DISPOSABLE} undefined`, (manager) => manager.use(undefined)],
  [`${NOT_DISPOSABLE} null`, (manager) => manager.use(null)],
  [`${NOT_DISPOSABLE} an object`, (manager) => manager.use({ close: run })],
  ['the finalizer of defer must be a function; got undefined', (manager) => manager.defer(undefined)],
  ['the finalizer of defer must be a function; got an object', (manager) => manager.defer(Promise.resolve())],
  ['the callback of every must be a function; got undefined', (manager) => manager.every(10)],
  ['the callback of after must be a function; got 10', (manager) => manager.after(10, 10)],
  ['the listener of listen must be a function; got undefined', (manager) => manager.listen(new EventEmitter(), 'x')],
  ['listen needs an EventEmitter or an EventTarget; got undefined', (manager) => manager.listen(undefined, 'x', run)],
  ['listen needs an EventEmitter or an EventTarget; got an object', (manager) => manager.listen({}, 'x', run)],
  ['intervalMs must be a number of at least 0 ms; got -1', (manager) => manager.every(-1, run)],
  ['delayMs must be a number of at most 2147483647 ms; got "5"', (manager) => manager.after('5', run)],
  ['delayMs must be a number of at most 2147483647 ms; got null', (manager) => manager.after(null, run)],
])('[M19] %s', async (message, hand) => {
  const bench = new Bench();
  const manager = bench.manager();
  expect(() => hand(untyped(manager))).toThrow(message);
  expect(await manager.close()).toMatchObject({ finalizersRun: 0, failed: [] });
  expect(bench.errors).toEqual([]);
});

test('[M19] what is due already runs at once: how long it is until then is often counted', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  let ran = 0;
  manager.after(-5, () => (ran += 1));
  expect(ran).toBe(0);
  await bench.clock.advance(1);
  expect([ran, bench.errors]).toEqual([1, []]);
  expect((await manager.close()).finalizersRun).toBe(0);
});

test('[M19] what an emitter refuses is thrown, and is not registered', async () => {
  const manager = new Bench().manager();
  const emitter = {
    on: () => {
      throw new Error('no more listeners');
    },
    off: run,
  };
  expect(() => untyped(manager).listen(emitter, 'x', run)).toThrow('no more listeners');
  expect((await manager.close()).finalizersRun).toBe(0);
});

test('[M6] a resource whose asynchronous way is empty goes the other way', async () => {
  const manager = new Bench().manager();
  const ways: string[] = [];
  untyped(manager).use({ [Symbol.asyncDispose]: undefined, [Symbol.dispose]: () => ways.push('sync') });
  await manager.close();
  expect(ways).toEqual(['sync']);
});

test('[R3] a resource that cannot even be named stops no other, nor a drain', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const order: string[] = [];
  manager.defer(() => order.push('first'));
  manager.use({
    get constructor(): never {
      throw new Error('no name');
    },
    [Symbol.dispose]: () => {
      throw new Error('no end');
    },
  });
  const drained = bench.factory.drain({ windowMs: 0 });
  await bench.clock.advance(1000);
  expect((await drained).closed).toBe(1);
  expect([order, (await manager.released).failed.map(({ name }) => name)]).toEqual([['first'], ['disposable']]);
});

test('[O8] what an asynchronous disposal fails with is reported where `using` throws its promise away', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const registration = manager.defer(() => Promise.reject(new Error('nobody waits for it')), { name: 'topic' });
  registration[Symbol.dispose]();
  registration[Symbol.dispose]();
  // A rejection that nobody handles would fail this test.
  await new Promise(setImmediate);
  expect(bench.errors.map(({ stage, name, error }) => [stage, name, (error as Error).message])).toEqual([
    ['finalizer', 'topic', 'nobody waits for it'],
  ]);
  await expect(manager.defer(() => Promise.reject(new Error('the caller has it'))).dispose()).rejects.toThrow(
    'the caller has it',
  );
  expect(bench.errors).toHaveLength(1);
});

test('[R37] a finalizer may answer any thenable: one that cannot be asked has failed, and is waited for no longer', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  const order: string[] = [];
  manager.defer(() => void order.push('first'), { name: 'first' });
  // oxlint-disable-next-line unicorn/no-thenable -- promises of other libraries look like this
  const atOnce = { then: (done: () => void): void => done() };
  manager.defer(() => atOnce, { name: 'at once' });
  const broken = {
    // oxlint-disable-next-line unicorn/no-thenable -- as above
    then: (): never => {
      throw new Error('cannot be asked');
    },
  };
  manager.defer(() => broken, { name: 'broken' });
  const report = await manager.close();
  expect(order).toEqual(['first']);
  expect(report).toMatchObject({
    finalizersRun: 3,
    finalizersDoneMs: 0,
    failed: [{ name: 'broken', error: 'cannot be asked' }],
    overdue: [],
    deadlineMet: true,
  });
});
