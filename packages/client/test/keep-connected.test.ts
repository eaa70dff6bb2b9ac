import { once } from 'node:events';
import { createServer } from 'node:http';
import { ANSWERS, REFUSALS } from '@watertight/server';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Ending, type KeepConnectedOptions, type KeptConnection, keepConnected, verdictOf } from '../src/index.ts';
import { guarded, listening } from './guarded-server.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

interface Told {
  readonly opened: WebSocket[];
  readonly waits: { readonly delayMs: number; readonly retry: string; readonly ending: Ending }[];
  readonly stops: Ending[];
  readonly kept: KeptConnection<WebSocket>;
}

function keep(port: number, user: string, options: KeepConnectedOptions<WebSocket> = {}): Told {
  const opened: WebSocket[] = [];
  const waits: Told['waits'] = [];
  const stops: Ending[] = [];
  const kept = keepConnected(() => new WebSocket(`ws://127.0.0.1:${port}/?user=${user}`), {
    onOpen: (socket) => opened.push(socket),
    onWait: (wait) => waits.push(wait),
    onStop: (ending) => stops.push(ending),
    backoff: { firstMs: 20, maxMs: 50 },
    ...options,
  });
  leftovers.push(() => kept.stop());
  return { opened, waits, stops, kept };
}

const soon = { timeout: 5000, interval: 5 };

test('[Z2] it opens, comes back after an end, and does not after stop', async () => {
  const { port, factory } = await guarded();
  const { opened, waits, kept } = keep(port, 'ada');
  await vi.waitFor(() => expect(opened).toHaveLength(1), soon);
  await factory.closeAllForUser('ada');
  await vi.waitFor(() => expect(opened).toHaveLength(2), soon);
  expect(waits).toHaveLength(1);
  expect(waits[0]).toMatchObject({ retry: 'retry', ending: { code: 1001 } });
  kept.stop();
  kept.stop();
  await vi.waitFor(() => expect(factory.usage('ada').held).toBe(0), soon);
  expect([kept.socket, opened.length, waits.length]).toEqual([undefined, 2, 1]);
});

test.each(['http', 'close'] as const)(
  '[Z2] at the limit it waits as long as the server asks (refusal by %s)',
  async (refusal) => {
    const { port } = await guarded({ refusal }, { maxManagersPerUser: 1 });
    const first = keep(port, 'ada');
    await vi.waitFor(() => expect(first.opened).toHaveLength(1), soon);
    const second = keep(port, 'ada');
    await vi.waitFor(() => expect(second.waits).toHaveLength(1), soon);
    const [wait] = second.waits;
    expect(wait).toMatchObject({ retry: 'retry-later' });
    expect(wait?.delayMs).toBeGreaterThanOrEqual(5000);
    expect(wait?.delayMs).toBeLessThanOrEqual(5050);
  },
);

test.each(['http', 'close'] as const)(
  '[Z4] it stops where nothing is gained by coming back (refusal by %s)',
  async (refusal) => {
    const { port } = await guarded({ refusal, identify: () => null });
    const { stops, waits, kept } = keep(port, 'ada');
    await vi.waitFor(() => expect(stops).toHaveLength(1), soon);
    expect(stops[0]).toMatchObject(refusal === 'http' ? { code: 1006, httpStatus: 401 } : { code: 4401 });
    expect([waits, kept.socket]).toEqual([[], undefined]);
  },
);

test('[Z2] a server that is not there yet is tried again until it is', async () => {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  const { opened, waits } = keep(port, 'ada');
  await vi.waitFor(() => expect(waits.length).toBeGreaterThan(2), soon);
  expect(waits.every(({ retry, delayMs }) => retry === 'retry' && delayMs <= 50)).toBe(true);
  const late = createServer();
  const wss = new WebSocketServer({ server: late });
  leftovers.push(
    () => late.close(),
    () => wss.close(),
  );
  late.listen(port, '127.0.0.1');
  await vi.waitFor(() => expect(opened).toHaveLength(1), soon);
});

test("[Z5] of Node's own limits, too many connections is waited for and too large a header is not", async () => {
  const server = createServer({ maxHeaderSize: 1024 });
  const wss = new WebSocketServer({ server });
  leftovers.push(
    () => server.close(),
    () => wss.close(),
  );
  const port = await listening(server);
  server.maxConnections = 1;
  const first = keep(port, 'ada');
  await vi.waitFor(() => expect(first.opened).toHaveLength(1), soon);
  const second = keep(port, 'ben');
  await vi.waitFor(() => expect(second.waits.length).toBeGreaterThan(1), soon);
  first.kept.stop();
  await vi.waitFor(() => expect(second.opened).toHaveLength(1), soon);
  second.kept.stop();
  const large = keep(port, 'x'.repeat(4096));
  await vi.waitFor(() => expect(large.stops).toHaveLength(1), soon);
  expect(large.stops).toMatchObject([{ httpStatus: 431 }]);
});

test('[Z6] every close code and status the server sends means here what it means there', () => {
  for (const [code, { retry }] of Object.entries(ANSWERS.closeCodes))
    expect([code, verdictOf({ code: Number(code), reason: '' }).retry]).toEqual([code, retry]);
  for (const [status, { retry }] of Object.entries(ANSWERS.httpStatuses))
    expect([status, verdictOf({ code: 1006, reason: '', httpStatus: Number(status) }).retry]).toEqual([status, retry]);
});

/** Whoever has left is told nothing. */
const TOLD = Object.entries(REFUSALS).filter(([reason]) => reason !== 'client-left');

test.each(TOLD)(
  '[Z6] the refusal %s means here what it means there, by close code and by status, with its delay',
  (reason, { closeCode, httpStatus, retry, retryAfterMs }) => {
    const advertised = retryAfterMs === null ? reason : `${reason};retry=${retryAfterMs}`;
    expect(verdictOf({ code: closeCode, reason: advertised })).toEqual({ retry, retryAfterMs });
    const retryAfter = retryAfterMs === null ? undefined : String(retryAfterMs / 1000);
    expect(verdictOf({ code: 1006, reason: '', httpStatus, retryAfter })).toEqual({ retry, retryAfterMs });
  },
);

test('[Z7] a delay that is none is refused with its bounds', () => {
  const open = (): never => {
    throw new Error('not opened');
  };
  for (const wrong of [-1, Number.NaN, Infinity]) {
    expect(() => keepConnected(open, { stableAfterMs: wrong })).toThrow(
      `stableAfterMs must be a number from 0 to 2147483647 ms, got ${String(wrong)}`,
    );
    expect(() => keepConnected(open, { backoff: { maxMs: wrong } })).toThrow(/^maxMs must be/);
  }
  // Nobody's compiler looks at what comes out of a configuration file.
  const notANumber: object[] = [{ maxMs: null }, { firstMs: '500' }, { maxMs: [] }];
  for (const backoff of notANumber)
    expect(() => keepConnected(open, { backoff })).toThrow(/^(?:maxMs|firstMs) must be a number/);
  const notGiven: object = { firstMs: undefined };
  expect(() => keepConnected(open, { backoff: notGiven })).toThrow('not opened');
});

test('[Z9] what opening throws at first reaches the caller, and later is an attempt in vain, told with its message', async () => {
  const noToken = (): never => {
    throw new Error('no token to be had');
  };
  expect(() => keepConnected(noToken)).toThrow('no token to be had');

  const { port, factory } = await guarded();
  let attempts = 0;
  const waits: { readonly delayMs: number; readonly ending: Ending }[] = [];
  const opened: WebSocket[] = [];
  const kept = keepConnected(
    () => {
      attempts += 1;
      return attempts === 2 ? noToken() : new WebSocket(`ws://127.0.0.1:${port}/?user=ada`);
    },
    {
      backoff: { firstMs: 20, maxMs: 50 },
      onOpen: (socket) => opened.push(socket),
      onWait: (wait) => waits.push(wait),
    },
  );
  leftovers.push(() => kept.stop());
  await vi.waitFor(() => expect(opened).toHaveLength(1), soon);
  await factory.closeAllForUser('ada', 'try again');
  await vi.waitFor(() => expect(opened).toHaveLength(2), soon);
  expect(waits.map(({ ending }) => ending)).toEqual([
    expect.objectContaining({ code: expect.any(Number) as number }),
    { code: 1006, reason: 'open threw: no token to be had' },
  ]);
});

test('[Z32] options that contradict each other, do not exist or are no functions are refused before anything is opened', () => {
  const open = (): never => {
    throw new Error('not opened');
  };
  const opening =
    (options: object): (() => unknown) =>
    () =>
      keepConnected(open, options);
  expect(opening({ backoff: { firstMs: 2000, maxMs: 1000 } })).toThrow(
    'firstMs (2000 ms) must be at most maxMs (1000 ms)',
  );
  expect(opening({ backof: {}, onopen: 1 })).toThrow(/^backof, onopen: no such option; options may have onOpen,/);
  expect(opening({ backoff: { first: 5 } })).toThrow('first: no such option; backoff may have firstMs, maxMs');
  expect(opening({ onWait: 'log' })).toThrow('onWait must be a function, got string');
  expect(() => keepConnected(open, null as never)).toThrow('options must be an object, got null');
  for (const backoff of [{ firstMs: 60_000 }, { maxMs: 100 }]) expect(opening({ backoff })).toThrow('not opened');
});

test('[Z32] of a backoff of which one is given, the other follows', async () => {
  const { port, factory } = await guarded();
  await factory.close();
  const { waits } = keep(port, 'ada', { backoff: { firstMs: 90_000 }, random: () => 0.9 });
  await vi.waitFor(() => expect(waits).toHaveLength(1), soon);
  expect(waits[0]?.delayMs).toBeGreaterThanOrEqual(81_000);
});
