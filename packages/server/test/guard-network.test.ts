import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { InvalidOptionsError } from '../src/errors.ts';
import { frame, type RawClient, TEXT } from './raw-client.ts';
import { atEnd, NEVER } from './factory-kit.ts';
import { type GuardedServer, guardedServer, nothingHeld, outcomeOf, until, userOf } from './guarded-server.ts';
import { RunClock } from './run-clock.ts';

type Outcome = Awaited<ReturnType<typeof outcomeOf>> | 'open';

/** A client that a proxy on this machine says comes from somewhere. */
async function from(subject: GuardedServer, user: string, address: string): Promise<Outcome> {
  const client = new WebSocket(`ws://127.0.0.1:${subject.port}/?user=${user}`, {
    headers: { 'x-forwarded-for': address },
  });
  client.on('error', () => undefined);
  atEnd(() => client.terminate());
  return Promise.race([
    outcomeOf(client),
    new Promise<Outcome>((resolve) => client.once('open', () => resolve('open'))),
  ]);
}

const BEHIND_PROXY = { trustedProxies: ['127.0.0.0/8'] } as const;

test('[G22] managers are limited by the address that a trusted proxy names, IPv6 by /64', async () => {
  const subject = await guardedServer(BEHIND_PROXY, { maxManagersPerAddress: 2 });
  expect(await from(subject, 'ada', '2001:db8:1:2::1')).toBe('open');
  expect(await from(subject, 'bob', '2001:db8:1:2::2')).toBe('open');
  expect(await from(subject, 'eve', '2001:db8:1:2::3')).toEqual({ status: 429 });
  expect(await from(subject, 'eve', '2001:db8:1:3::3')).toBe('open');
  expect(subject.factory.stats()).toMatchObject({ addresses: 2, refusedByReason: { 'address-limit': 1 } });
  expect(subject.sessions.map(({ manager }) => manager.context.remoteAddress)).toContain('2001:db8:1:2:0:0:0:1');
  for (const { webSocket } of subject.sessions) webSocket.terminate();
  await until(() => subject.factory.stats().addresses === 0, 'no address is remembered');
});

test('[G22] what identify says about the address counts', async () => {
  const subject = await guardedServer(
    { ...BEHIND_PROXY, identify: (request) => ({ user: userOf(request) ?? '', remoteAddress: '192.0.2.1' }) },
    { maxManagersPerAddress: 1 },
  );
  expect(await from(subject, 'ada', '203.0.113.1')).toBe('open');
  expect(await from(subject, 'bob', '203.0.113.2')).toEqual({ status: 429 });
});

test('[G22] an address over its rate is refused before anybody is asked who it is', async () => {
  let asked = 0;
  const subject = await guardedServer(
    {
      ...BEHIND_PROXY,
      identify: (request) => {
        asked += 1;
        return userOf(request);
      },
    },
    { maxConnectsPerSecondPerAddress: 0.001, connectBurstMs: 2_000_000 },
  );
  const outcomes: Outcome[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) outcomes.push(await from(subject, 'ada', '203.0.113.1'));
  expect(outcomes).toEqual(['open', 'open', { status: 429 }, { status: 429 }, { status: 429 }]);
  expect(await from(subject, 'bob', '203.0.113.2')).toBe('open');
  expect([asked, subject.factory.stats().refusedByReason]).toEqual([3, { 'address-rate': 3 }]);
});

test('[G22] the overall rate counts each upgrade once', async () => {
  const subject = await guardedServer({}, { maxConnectsPerSecond: 0.001, connectBurstMs: 3_000_000 });
  const outcomes: Outcome[] = [];
  for (const user of ['ada', 'bob', 'eve', 'zoe']) outcomes.push(await from(subject, user, ''));
  expect(outcomes).toEqual(['open', 'open', 'open', { status: 503 }]);
});

async function beingDecided(subject: GuardedServer): Promise<RawClient> {
  const client = await subject.raw();
  client.upgrade('/?user=ada');
  await until(() => subject.guard.pendingCount === 1, 'the upgrade is being decided');
  return client;
}

test('[G23] more messages than allowed before the answer are refused, in one packet or many', async () => {
  const subject = await guardedServer({ identify: () => NEVER, maxEarlyMessages: 3 });
  for (const atOnce of [true, false]) {
    const client = await beingDecided(subject);
    const messages = Array.from({ length: 4 }, () => frame(TEXT, 'x'));
    for (const bytes of atOnce ? [Buffer.concat(messages)] : messages) client.socket.write(bytes);
    await until(() => client.response !== undefined, 'the server answered');
    expect(client.response?.status).toBe(413);
    await until(() => client.end !== undefined, 'the server let go', 1500);
  }
  expect(subject.factory.stats().refusedByReason).toEqual({ 'early-message-limit': 2 });
});

test('[G23] maxEarlyBytes is what may come before the answer', async () => {
  const subject = await guardedServer({ identify: () => NEVER, maxEarlyBytes: 10 });
  const client = await beingDecided(subject);
  client.socket.write(Buffer.alloc(10));
  await until(() => client.socket.writableLength === 0, 'it is sent');
  expect(subject.guard.pendingCount).toBe(1);
  client.socket.write(Buffer.alloc(1));
  await until(() => client.response?.status === 413, 'the server refused');
});

test('[G23] nothing that is sent extends the time for identify', async () => {
  const subject = await guardedServer({ identify: () => NEVER, identifyTimeoutMs: 200 });
  const clock = new RunClock();
  const client = await beingDecided(subject);
  const talking = setInterval(() => client.socket.write(frame(TEXT, '')), 20);
  atEnd(() => clearInterval(talking));
  await until(() => client.response !== undefined, 'the server answered');
  clearInterval(talking);
  expect(client.response?.status).toBe(503);
  expect(clock.ranMs()).toBeLessThan(1000);
  expect(subject.factory.stats().refusedByReason).toEqual({ 'identify-timeout': 1 });
  await until(() => nothingHeld(subject), 'nothing is held');
});

test('[G24] refusals are explained, then answered, then only dropped, and counted as such', async () => {
  const subject = await guardedServer({
    identify: () => null,
    refusal: 'close',
    maxCloseRefusalsPerSecond: 2,
    maxHttpRefusalsPerSecond: 3,
  });
  // All within one second: the first of them begins it.
  const clients = await Promise.all(Array.from({ length: 8 }, () => subject.raw()));
  for (const client of clients) client.upgrade('/');
  await until(
    () => clients.every((client) => client.received.length > 0 || client.end !== undefined),
    'all are answered',
  );
  await until(() => clients.every((client) => client.end !== undefined), 'the server let go of all', 1500);
  const statuses = clients.map((client) => client.response?.status ?? 0);
  // 0: dropped without an answer.
  expect(statuses.toSorted((one, other) => one - other)).toEqual([0, 0, 0, 101, 101, 401, 401, 401]);
  expect(subject.factory.stats()).toMatchObject({
    refusalAnswers: { close: 2, http: 3, destroy: 3 },
    refusalBudget: { close: 2, http: 3 },
    refusedByReason: { unauthenticated: 8 },
  });
  const later = async (): Promise<boolean> => {
    const outcome = await outcomeOf(subject.dial(''));
    return outcome.code === 4401;
  };
  await until(later, 'refusals are explained again', 3000);
});

test('[G24] without bounds every refusal is explained', async () => {
  const subject = await guardedServer({
    identify: () => null,
    refusal: 'close',
    maxCloseRefusalsPerSecond: false,
    maxHttpRefusalsPerSecond: false,
  });
  const outcomes = await Promise.all(Array.from({ length: 120 }, () => outcomeOf(subject.dial('ada'))));
  expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set([4401]));
  expect(subject.factory.stats().refusalAnswers).toEqual({ close: 120, http: 0, destroy: 0 });
  expect(subject.factory.stats().refusalBudget).toEqual({ close: null, http: null });
});

test('[G25] a session that comes back takes its own place, over the wire and at the limit', async () => {
  const subject = await guardedServer(
    { identify: (request) => ({ user: userOf(request) ?? '', sessionId: 'tab-1' }) },
    { maxManagersPerUser: 1 },
  );
  const first = await subject.client('ada');
  const told = outcomeOf(first);
  const second = await subject.client('ada');
  expect(await told).toEqual({ code: 4409, reason: 'taken-over' });
  expect([subject.factory.usage('ada').held, second.readyState]).toEqual([1, WebSocket.OPEN]);
});

test('[G25] whoever is evicted at the limit is told why, over the wire', async () => {
  const subject = await guardedServer({}, { maxManagersPerUser: 2, onLimit: 'evict-oldest' });
  const oldest = await subject.client('ada');
  const other = await subject.client('ada');
  const told = outcomeOf(oldest);
  const newest = await subject.client('ada');
  expect(await told).toEqual({ code: 4410, reason: 'evicted:oldest' });
  expect([other.readyState, newest.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  expect(subject.factory.usage('ada').held).toBe(2);
});

test('[G25] whose init runs when its session is taken over is told so', async () => {
  let count = 0;
  const subject = await guardedServer({
    identify: (request) => ({ user: userOf(request) ?? '', sessionId: 'tab-1' }),
    init: () => ((count += 1) === 1 ? NEVER : undefined),
  });
  const first = outcomeOf(subject.dial('ada'));
  await until(() => subject.factory.usage('ada').pending === 1, 'init runs');
  await subject.client('ada');
  expect(await first).toEqual({ status: 409 });
});

test('[G17] options against a hostile network that are not valid are named together', async () => {
  const wrong = {
    trustedProxies: ['10.0.0.0/33', 'proxy.example', '::1/64/2'],
    refusal: 'close' as const,
    forwardedHeader: 'via' as 'forwarded',
    maxEarlyBytes: 0,
    maxEarlyMessages: false as unknown as number,
    maxCloseRefusalsPerSecond: 1.5,
    maxHttpRefusalsPerSecond: -1,
  };
  const problems = await guardedServer(wrong).then(
    () => [],
    (error: unknown) => (error instanceof InvalidOptionsError ? error.problems : []),
  );
  expect(problems).toHaveLength(8);
  expect(problems[0]).toBe('trustedProxies must be addresses or networks such as \'10.0.0.0/8\', got "10.0.0.0/33"');
});

test('[G23] what a client may send early is in the statistics: of several guards the most, and nothing of a closed one', async () => {
  const { factory, guard } = await guardedServer({ maxEarlyBytes: 300, maxEarlyMessages: 2 });
  const other = await guardedServer({ factory, maxEarlyBytes: 200, maxEarlyMessages: 3 });
  expect(factory.stats().earlyBudget).toEqual({ bytes: 300, messages: 3 });
  guard.close();
  expect(factory.stats().earlyBudget).toEqual({ bytes: 200, messages: 3 });
  other.guard.close();
  expect(factory.stats().earlyBudget).toEqual({ bytes: null, messages: null });
});

test('[G24] the bounds of several guards add up, and those of a closed one are taken back', async () => {
  const { factory, guard } = await guardedServer({ maxHttpRefusalsPerSecond: 30 });
  const other = await guardedServer({
    factory,
    refusal: 'close',
    maxHttpRefusalsPerSecond: 3,
    maxCloseRefusalsPerSecond: 2,
  });
  expect(factory.stats().refusalBudget).toEqual({ close: 2, http: 33 });
  guard.close();
  expect(factory.stats().refusalBudget).toEqual({ close: 2, http: 3 });
  other.guard.close();
  expect(factory.stats().refusalBudget).toEqual({ close: null, http: null });
});
