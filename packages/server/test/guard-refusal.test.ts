import { expect, test } from 'vitest';
import { NETWORK_DEFAULTS } from '../src/adapters/network-options.ts';
import { Forbidden, type Identity } from '../src/adapters/ws.ts';
import { NEVER, deferred } from './factory-kit.ts';
import { type GuardedServer, guardedServer, nothingHeld, outcomeOf, until } from './guarded-server.ts';
import { type RawClient, type RawResponse, TEXT, frame } from './raw-client.ts';

async function answerTo(subject: GuardedServer, send: (client: RawClient) => void): Promise<RawResponse> {
  const client = await subject.raw();
  send(client);
  await until(() => client.response !== undefined, 'the server answered');
  await until(() => client.end !== undefined, 'the server let go', 1000);
  await until(() => nothingHeld(subject), 'nothing is held');
  if (client.response === undefined) throw new Error('no answer');
  return client.response;
}

const IDENTIFY: readonly [string, () => Identity | Promise<Identity>, number, number, string][] = [
  ['knows nobody', () => null, 401, 4401, 'unauthenticated'],
  ['answers nothing', () => Promise.resolve(undefined), 401, 4401, 'unauthenticated'],
  ['throws Forbidden', () => Promise.reject(new Forbidden('banned')), 403, 4403, 'forbidden'],
  [
    'throws',
    () => {
      throw new Error('secret database password');
    },
    503,
    1011,
    'identify-failed',
  ],
  ['rejects', () => Promise.reject(new Error('secret database password')), 503, 1011, 'identify-failed'],
  ['never answers', () => NEVER, 503, 1013, 'identify-timeout'],
  ['answers an empty user', () => '', 400, 1008, 'invalid-user'],
  ['answers 257 bytes', () => 'x'.repeat(257), 400, 1008, 'invalid-user'],
  ['answers 10 MB', () => 'x'.repeat(10_000_000), 400, 1008, 'invalid-user'],
  ['answers a control character', () => ({ user: 'a\nb' }), 400, 1008, 'invalid-user'],
  ['answers half of a surrogate pair', () => 'ada\ud83d', 400, 1008, 'invalid-user'],
  ['answers a number', () => 42 as unknown as Identity, 400, 1008, 'invalid-user'],
  ['answers an object without user', () => ({}) as unknown as Identity, 400, 1008, 'invalid-user'],
];

test.each(IDENTIFY)(
  '[G3] an identify that %s is refused by HTTP',
  async (_what, identify, status, closeCode, reason) => {
    const subject = await guardedServer({ identify, identifyTimeoutMs: 50 });
    const { headers, body, status: answered } = await answerTo(subject, (client) => client.upgrade('/'));
    expect(answered).toBe(status);
    expect(headers).toMatchObject({ connection: 'close', 'content-type': 'application/json; charset=utf-8' });
    expect(headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
    expect(headers['retry-after']).toBe(status === 503 ? '5' : undefined);
    expect(JSON.parse(body)).toEqual({
      reason,
      closeCode,
      retry: status === 503 ? 'retry-later' : 'do-not-retry',
      retryAfterMs: status === 503 ? 5000 : null,
    });
    expect(subject.factory.stats()).toMatchObject({ created: 0, refusedByReason: { [reason]: 1 } });
    expect(subject.errors.map(({ stage }) => stage)).toEqual(reason === 'identify-failed' ? ['identify'] : []);
  },
);

test.each([
  ['a session id', { user: 'ada', sessionId: 7 }, 'sessionId'],
  ['an address', { user: 'ada', remoteAddress: Buffer.from('192.0.2.1') }, 'remoteAddress'],
])(
  '[A51] an identify that answers %s that is no text is refused, and that is told to whoever runs it',
  async (_, answer, name) => {
    const identify = (): Identity => answer as unknown as Identity;
    const subject = await guardedServer({ identify }, { maxManagersPerAddress: 5 });
    const { status, body } = await answerTo(subject, (client) => client.upgrade('/'));
    expect([status, JSON.parse(body)]).toMatchObject([503, { reason: 'identify-failed' }]);
    expect(subject.errors.map(({ stage, error }) => `${stage}: ${String(error)}`)).toEqual([
      expect.stringMatching(`^identify: [^]*in what identify answered, ${name} must be`),
    ]);
    expect(subject.factory.stats().created).toBe(0);
  },
);

test.each(IDENTIFY)(
  '[G6] an identify that %s is refused by a close code where that is asked for',
  async (_what, identify, _status, closeCode, reason) => {
    const subject = await guardedServer({ identify, identifyTimeoutMs: 50, refusal: 'close' });
    const outcome = await outcomeOf(subject.dial('ada'));
    expect(outcome.code).toBe(closeCode);
    expect(outcome.reason).toMatch(new RegExp(`^${reason}(;retry=5000)?$`));
    await until(() => nothingHeld(subject), 'nothing is held');
    expect(subject.sessions).toEqual([]);
  },
);

test('[G5] at the limit the client is told status, Retry-After, limit and held', async () => {
  const subject = await guardedServer({}, { maxManagersPerUser: 2 });
  await subject.client('ada');
  await subject.client('ada');
  const client = await subject.raw();
  client.upgrade('/?user=ada');
  await until(() => client.response !== undefined, 'the server answered');
  expect(client.response).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
  expect(JSON.parse(client.response?.body ?? '')).toEqual({
    reason: 'user-limit',
    retry: 'retry-later',
    retryAfterMs: 5000,
    closeCode: 4429,
    limit: 2,
    held: 2,
  });
  await subject.client('bob');
  expect(subject.factory.stats()).toMatchObject({ active: 3, limitHits: 1 });
});

test('[G6] at the limit the close code is 4429, and the slot is not taken', async () => {
  const subject = await guardedServer({ refusal: 'close' }, { maxManagersPerUser: 1 });
  await subject.client('ada');
  expect(await outcomeOf(subject.dial('ada'))).toEqual({ code: 4429, reason: 'user-limit;retry=5000' });
  expect(subject.factory.usage('ada').held).toBe(1);
});

test('[G6] a refused peer that does not answer the close frame is let go of', async () => {
  const subject = await guardedServer({ refusal: 'close', identify: () => null });
  const client = await subject.raw();
  client.upgrade('/');
  await until(() => client.frames.length > 0, 'the close frame is there');
  expect([client.response?.status, client.frames.readUInt16BE(2)]).toEqual([101, 4401]);
  await until(() => client.end !== undefined, 'the server let go', 1500);
});

test('[G9] the bound for early bytes is 16 KiB', () => {
  expect(NETWORK_DEFAULTS.maxEarlyBytes).toBe(16_384);
});

test.each(['http', 'close'] as const)('[G9] more than 16 KiB before the answer are refused (%s)', async (refusal) => {
  const subject = await guardedServer({ identify: () => NEVER, refusal });
  for (const atOnce of [true, false]) {
    const client = await subject.raw();
    const bytes = Buffer.alloc(NETWORK_DEFAULTS.maxEarlyBytes + 1);
    client.upgrade('/', atOnce ? { behind: bytes } : {});
    await until(() => subject.guard.pendingCount === 1 || client.received.length > 0, 'the upgrade is being decided');
    if (!atOnce) client.socket.write(bytes);
    await until(() => client.response !== undefined, 'the server answered');
    expect(client.response?.status).toBe(refusal === 'http' ? 413 : 101);
    if (refusal === 'close') {
      await until(() => client.frames.length > 3, 'the close frame is there');
      expect(client.frames.readUInt16BE(2)).toBe(1009);
    }
    await until(() => client.end !== undefined, 'the server let go', 1500);
  }
  expect(subject.factory.stats().refusedByReason).toEqual({ 'early-data-limit': 2 });
  await until(() => nothingHeld(subject), 'nothing is held');
});

test('[G9] early frames within the limit are delivered in order once the upgrade is answered', async () => {
  const gate = deferred();
  const subject = await guardedServer({ init: () => gate.promise });
  const client = await subject.raw();
  client.upgrade('/?user=ada', { behind: frame(TEXT, 'first') });
  await until(() => subject.factory.usage('ada').pending === 1, 'init runs');
  client.socket.write(frame(TEXT, 'second'));
  await until(() => client.socket.bytesWritten > 0 && client.socket.writableLength === 0, 'it is sent');
  gate.resolve();
  await until(() => client.frames.includes('second'), 'both are echoed');
  expect(client.frames.indexOf('first')).toBeLessThan(client.frames.indexOf('second'));
});

test.each([
  ['throws', () => Promise.reject(new Error('secret')), {}, 'init-failed', 503, 1011],
  ['never ends', () => NEVER, { pendingDeadlineMs: 50 }, 'init-timeout', 503, 1013],
] as const)(
  '[G8] an init that %s is refused with its own reason, by HTTP and by close code',
  async (_what, init, options, reason, status, code) => {
    const subject = await guardedServer({ init }, options);
    const { status: answered, body } = await answerTo(subject, (client) => client.upgrade('/?user=ada'));
    expect([answered, (JSON.parse(body) as { reason: string }).reason]).toEqual([status, reason]);
    expect(body).not.toContain('secret');
    const closing = await guardedServer({ init, refusal: 'close' }, options);
    expect(await outcomeOf(closing.dial('ada'))).toEqual({ code, reason: `${reason};retry=5000` });
    await until(() => nothingHeld(closing), 'nothing is held');
    expect(closing.factory.stats().refusedByReason).toEqual({ [reason]: 1 });
  },
);

test('[G8] whose manager is ended while init runs is told once', async () => {
  const subject = await guardedServer({ init: () => NEVER });
  const answer = answerTo(subject, (client) => client.upgrade('/?user=ada'));
  await until(() => subject.factory.usage('ada').pending === 1, 'init runs');
  await subject.factory.closeAllForUser('ada', 'banned');
  const { status, body } = await answer;
  expect([status, (JSON.parse(body) as { reason: string }).reason]).toEqual([503, 'ended-during-init']);
});

test('[G30] a WebSocketServer that throws when it is to refuse ends those clients alone, whoever else is closed with them', async () => {
  const subject = await guardedServer({ refusal: 'close', identify: () => NEVER, maxEarlyMessages: 1 });
  subject.wss.options.handleProtocols = (protocols) => {
    if (protocols.has('broken')) throw new Error('no protocols');
    return false;
  };
  const early = Buffer.concat([frame(TEXT, 'one'), frame(TEXT, 'two')]);
  const [behind, later, closed, other] = await Promise.all([1, 2, 3, 4].map(() => subject.raw()));
  for (const client of [later, closed]) client?.upgrade('/', { headers: { 'Sec-WebSocket-Protocol': 'broken' } });
  other?.upgrade('/');
  behind?.upgrade('/', { headers: { 'Sec-WebSocket-Protocol': 'broken' }, behind: early });
  await until(() => behind?.end !== undefined && subject.guard.pendingCount === 3, 'one is let go of, three wait');
  later?.socket.write(early);
  await until(() => later?.end !== undefined, 'the next is let go of');
  subject.guard.close();
  await until(() => closed?.end !== undefined && other?.end !== undefined, 'the others are let go of', 2000);
  expect([behind, later, closed, other].map((client) => client?.response?.status)).toEqual([
    undefined,
    undefined,
    undefined,
    101,
  ]);
  expect(subject.errors.map(({ stage, error }) => [stage, String(error)])).toEqual(
    Array.from({ length: 3 }, () => ['connection-listener', 'Error: no protocols']),
  );
  expect(nothingHeld(subject)).toBe(true);
});

test.each([true, false])(
  '[G8] whose manager is ended while verifyClient asks others is told once, and begins no session (agreed before it is told: %s)',
  async (agreeAtOnce) => {
    const subject = await guardedServer({}, { closeHandshakeMs: 60_000, cleanupDeadlineMs: 60_000 });
    const agree = deferred();
    const asked = deferred();
    subject.wss.options.verifyClient = (_info, answer) => {
      asked.resolve();
      void agree.promise.then(() => answer(true));
    };
    const client = await subject.raw();
    client.upgrade('/?user=ada');
    await asked.promise;
    const closed = subject.factory.closeAllForUser('ada', 'drained');
    if (agreeAtOnce) agree.resolve();
    await until(() => client.end !== undefined, 'the server let go', 2000);
    agree.resolve();
    await closed;
    expect([client.response?.status, subject.sessions, subject.errors]).toEqual([503, [], []]);
    expect(JSON.parse(client.response?.body ?? '')).toMatchObject({ reason: 'draining' });
  },
);
