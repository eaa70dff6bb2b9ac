import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createManagerFactory } from '@watertight/server';
import { afterEach, expect, test } from 'vitest';
import { LeakGuard, LeftoverError, type Leftover } from '../../src/vitest.ts';

const SETTLE_MS = 60;
const HERE = /leak-guard\.test\.ts:\d+:\d+$/;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** What a guard says of a test that does this; what it left is taken away afterwards. */
async function leftBy(
  run: () => unknown,
  options: ConstructorParameters<typeof LeakGuard>[0] = {},
): Promise<readonly Leftover[]> {
  const guard = new LeakGuard({ settleMs: SETTLE_MS, ...options });
  endings.push(() => guard[Symbol.dispose]());
  guard.begin();
  await run();
  const error: unknown = await guard.end('a test').catch((caught: unknown) => caught);
  if (error === undefined) return [];
  if (!(error instanceof LeftoverError)) throw new Error('something else went wrong', { cause: error });
  expect(error.message).toMatch(/^"a test" left behind, 60 ms after its end:\n {2}- /);
  return error.leftovers;
}

test('[TK7] a test that cleans up after itself passes', async () => {
  const left = await leftBy(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const beat = setInterval(() => undefined, 10);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    const stop = (): void => undefined;
    process.on('SIGUSR2', stop);
    process.off('SIGUSR2', stop);
    clearInterval(beat);
    socket.destroy();
    server.close();
    await once(server, 'close');
  });
  expect(left).toEqual([]);
});

test('[TK7] what is on its way out has the time to settle', async () => {
  expect(await leftBy(() => setTimeout(() => undefined, SETTLE_MS / 4))).toEqual([]);
});

test('[TK7] a timer is named with its delay and where it was set, unref or not', async () => {
  const left = await leftBy(() => {
    const beat = setInterval(() => undefined, 60_000).unref();
    const late = setTimeout(() => undefined, 50_000);
    endings.push(
      () => clearInterval(beat),
      () => clearTimeout(late),
    );
  });
  expect(left.map(({ what }) => what)).toEqual(['interval of 60000 ms', 'timer of 50000 ms']);
  for (const { at } of left) expect(at).toMatch(HERE);
});

test('[TK7] a server, a socket and a child process are named', async () => {
  const left = await leftBy(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    endings.push(
      () => child.kill('SIGKILL'),
      () => server.close(),
      () => socket.destroy(),
    );
    await Promise.all([once(socket, 'connect'), once(server, 'connection'), once(child, 'spawn')]);
  });
  const whats = left.map(({ what }) => what);
  expect(whats).toEqual(expect.arrayContaining(['TCP server that listens', 'TCP socket', 'child process']));
});

test('[TK8] a listener is named on process, on a named emitter and on one that is older than the test', async () => {
  const named = new EventEmitter();
  class Bus extends EventEmitter {}
  const older = new Bus();
  const stop = (): void => undefined;
  endings.push(() => process.off('SIGUSR2', stop));
  const guard = new LeakGuard({ settleMs: SETTLE_MS, emitters: { rooms: named } });
  endings.push(() => guard[Symbol.dispose]());
  older.on('first', stop);
  guard.begin();
  process.on('SIGUSR2', stop);
  named.once('join', stop);
  older.on('message', stop);
  new EventEmitter().on('of the test itself', stop);
  const error: unknown = await guard.end('a test').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(LeftoverError);
  const { leftovers } = error as LeftoverError;
  expect(leftovers.map(({ what }) => what).toSorted()).toEqual([
    'listener for "SIGUSR2" on process',
    'listener for "join" on rooms',
    'listener for "message" on a Bus that was there before',
  ]);
});

test('[TK19] what a test lets go of is not kept by its guard, but for a few', async () => {
  const KEPT_AT_MOST = 2 * 64;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const older = new EventEmitter();
  const guard = new LeakGuard({ settleMs: SETTLE_MS, emitters: { older } });
  endings.push(() => guard[Symbol.dispose]());
  guard.begin();
  const made: WeakRef<object>[] = [];
  for (let count = 0; count < 1_000; count += 1) {
    const emitter = new EventEmitter().on('message', () => undefined);
    const listener = (): void => void emitter;
    older.on('message', listener).off('message', listener);
    const timer = setTimeout(listener, 60_000);
    clearTimeout(timer);
    made.push(new WeakRef(emitter), new WeakRef(listener), new WeakRef(timer));
  }
  const kept = (): number => made.filter((each) => each.deref() !== undefined).length;
  for (
    const deadlineAtMs = performance.now() + 10_000;
    kept() > 3 * KEPT_AT_MOST && performance.now() < deadlineAtMs;
  ) {
    await wait(10);
    collect();
  }
  expect(kept()).toBeLessThanOrEqual(3 * KEPT_AT_MOST);
  await guard.end('a test');
});

test('[TK8] managers that are held after the test are named with their factory', async () => {
  const factory = createManagerFactory({ name: 'chat', sweepIntervalMs: false });
  endings.push(async () => await factory.close());
  const left = await leftBy(() => factory.tryAdmit({ user: 'ada' }, { withoutConnection: true }));
  expect(left).toEqual([{ kind: 'managers', what: '1 manager of the factory "chat"', at: null }]);
});

test('[TK9] what is allowed may stay, and a guard that is disposed of hears nothing more', async () => {
  const { on } = EventEmitter.prototype;
  const left = await leftBy(
    () => {
      const beat = setInterval(() => undefined, 60_000);
      endings.push(() => clearInterval(beat));
    },
    { allow: ({ kind }) => kind === 'timer' },
  );
  expect(left).toEqual([]);
  for (const end of endings.splice(0).toReversed()) await end();
  expect(EventEmitter.prototype.on).toBe(on);
});

test('[TK9] tests that run at the same time, and a time that is none, are refused', () => {
  const guard = new LeakGuard();
  endings.push(() => guard[Symbol.dispose]());
  guard.begin();
  expect(() => guard.begin()).toThrow('tests that run at the same time cannot be told apart');
  expect(() => new LeakGuard({ settleMs: -1 })).toThrow('settleMs is -1; expected 0 to 600000 milliseconds');
});

test('[TK17] timers that Node sets for itself are not counted, whoever made it do so', async () => {
  const left = await leftBy(async () => {
    AbortSignal.timeout(50_000);
    const server = createHttpServer((_request, response) => response.end('x')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();
    server.close();
    await once(server, 'close');
    const waiting = new AbortController();
    endings.push(() => waiting.abort());
    wait(40_000, undefined, { signal: waiting.signal }).catch(() => undefined);
  });
  expect(left.map(({ what }) => what)).toEqual(['timer of 40000 ms']);
});

test('[TK22] a listener that Node alone adds to what was there before is not counted, but on an emitter with a name', async () => {
  const leftOn = async (isNamed: boolean): Promise<readonly string[]> => {
    const slow = new PassThrough({ highWaterMark: 1 });
    const guard = new LeakGuard({ settleMs: SETTLE_MS, emitters: isNamed ? { slow } : {} });
    endings.push(
      () => guard[Symbol.dispose](),
      () => slow.destroy(),
    );
    // Full in a turn in which nobody but Node runs: then the pipe waits for `drain`.
    Readable.from(['one', 'two', 'three']).pipe(slow);
    guard.begin();
    await wait(SETTLE_MS / 2);
    expect(slow.listenerCount('drain')).toBe(1);
    const error: unknown = await guard.end('a test').catch((caught: unknown) => caught);
    return error instanceof LeftoverError ? error.leftovers.map(({ what }) => what) : [];
  };
  expect(await leftOn(false)).toEqual([]);
  expect(await leftOn(true)).toContain('listener for "drain" on slow');
});

test.each(['the first', 'the last'])(
  '[TK21] guards beside each other each see all they watch, also when %s has ended, and then change nothing any more',
  async (which) => {
    const { on } = EventEmitter.prototype;
    const older = new EventEmitter();
    const guards = [new LeakGuard({ settleMs: SETTLE_MS }), new LeakGuard({ settleMs: SETTLE_MS })];
    if (which === 'the last') guards.reverse();
    const [one, other] = guards;
    endings.push(() => guards.forEach((guard) => guard[Symbol.dispose]()));
    older.on('first', () => undefined);
    one?.[Symbol.dispose]();
    other?.begin();
    older.on('message', () => undefined);
    const error: unknown = await other?.end('a test').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LeftoverError);
    const [left] = (error as LeftoverError).leftovers;
    expect(left?.what).toBe('listener for "message" on a EventEmitter that was there before');
    expect(left?.at).toMatch(HERE);
    other?.[Symbol.dispose]();
    expect(EventEmitter.prototype.on).toBe(on);
  },
);
