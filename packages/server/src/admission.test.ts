import { expect, expectTypeOf, test } from 'vitest';
import type { Admission } from './admission.ts';
import { AdmissionRefusedError, UserLimitReachedError } from './errors.ts';
import { createManagerFactory } from './factory.ts';
import type { Manager } from './manager.ts';
import { REFUSALS, type Refusal, type RefusalReason } from './refusals.ts';
import { FakePeer } from '../test/fake-peer.ts';
import { Bench, NEVER, accountsBalance, atEnd, deferred, watch } from '../test/factory-kit.ts';

function refusalOf(admission: Admission): Refusal {
  if (admission.admitted) throw new Error('was admitted');
  return admission;
}

test('[A1] 20 managers of a user are admitted and the 21st is refused', () => {
  const bench = new Bench({ emergencyThreshold: false });
  bench.managers(20);
  expect(bench.held()).toBe(20);
  const refusal = refusalOf(bench.factory.tryAdmit({ user: 'ada' }, { withoutConnection: true }));
  expect(refusal).toMatchObject({ reason: 'user-limit', limit: 20, held: 20 });
  expect(bench.held()).toBe(20);
});

test('[A2] a refused attempt is not created, and is one limit hit', async () => {
  const bench = new Bench({ maxManagersPerUser: 1, emergencyThreshold: false });
  bench.manager();
  bench.factory.tryAdmit({ user: 'ada' });
  await bench.factory.admit({ user: 'ada' });
  expect(bench.factory.stats()).toMatchObject({ created: 1, limitHits: 2, refusedByReason: { 'user-limit': 2 } });
});

test('[A3] of 50 concurrent attempts at 19 of 20 exactly one is admitted', async () => {
  const bench = new Bench();
  bench.managers(19);
  const gate = deferred();
  let initialised = 0;
  const attempts = Array.from({ length: 50 }, () =>
    bench.factory.admit(
      { user: 'ada' },
      {
        withoutConnection: true,
        init: async () => {
          initialised += 1;
          await gate.promise;
        },
      },
    ),
  );
  expect(bench.held()).toBe(20);
  await bench.clock.advance(300);
  gate.resolve();
  const admitted = (await Promise.all(attempts)).filter((admission) => admission.admitted);
  expect(admitted).toHaveLength(1);
  expect(initialised).toBe(1);
  expect(bench.factory.stats()).toMatchObject({ active: 20, pending: 0, created: 20, limitHits: 49 });
});

test('[A4] users do not share a limit, and a process limit refuses with its own reason', () => {
  const bench = new Bench({ maxManagersPerUser: 2, maxManagers: 3, emergencyThreshold: false });
  bench.managers(2, 'ada');
  expect(refusalOf(bench.factory.tryAdmit({ user: 'ada' })).reason).toBe('user-limit');
  bench.manager('bob');
  expect(refusalOf(bench.factory.tryAdmit({ user: 'bob' }))).toMatchObject({
    reason: 'server-limit',
    limit: 3,
    held: 3,
  });
  expect(bench.factory.stats().limitHits).toBe(2);
});

test.each([
  ['empty', '', 'user is empty'],
  ['blank', '  \u2003 ', 'user is blank'],
  ['blank in another script', '\u3000\u00a0', 'user is blank'],
  ['10 MB long', 'x'.repeat(10_000_000), 'user has 10000000 characters'],
  ['257 bytes', 'x'.repeat(257), 'user has 257 characters'],
  ['257 bytes in 129 characters', `${'é'.repeat(128)}x`, 'user has 257 bytes of UTF-8'],
  ['a line feed', 'ada\nbob', 'control character U+000A at position 3'],
  ['NUL', '\u0000', 'control character U+0000 at position 0'],
  ['a C1 control', 'ada\u0085', 'control character U+0085 at position 3'],
  ['a lone high surrogate', 'ada\ud83d', 'half of a surrogate pair'],
  ['a lone low surrogate', '\ude00ada', 'half of a surrogate pair'],
  ['not a string', 42 as unknown as string, 'user must be a string, got number'],
  ['null', null as unknown as string, 'user must be a string, got null'],
])('[A5] a user that is %s is refused without being repeated', (_what, user, message) => {
  const bench = new Bench();
  const refusal = refusalOf(bench.factory.tryAdmit({ user }));
  expect(refusal.reason).toBe('invalid-user');
  expect(refusal.message).toContain(message);
  expect(refusal.message.length).toBeLessThan(200);
  expect(bench.factory.stats()).toMatchObject({ created: 0, limitHits: 0, refusedByReason: { 'invalid-user': 1 } });
});

test.each([
  ['of 256 bytes', 'x'.repeat(256)],
  ['of 256 bytes in 128 characters', 'é'.repeat(128)],
  ['of 64 emoji', '😀'.repeat(64)],
  ['with blanks inside', ' ada lovelace '],
  ['that is the name of a property of objects', '__proto__'],
])('[A6] a user %s is admitted as it is', (_what, user) => {
  const bench = new Bench();
  expect(bench.manager(user).context.user).toBe(user);
  expect(bench.held(user)).toBe(1);
  expect(bench.factory.stats().perUser).toEqual([{ user, held: 1, pending: 0, active: 1, closing: 0, limit: 20 }]);
});

test('[A7] the slot is held while init runs, and the manager is active after it', async () => {
  const bench = new Bench();
  const gate = deferred();
  let during: Manager | undefined;
  const attempt = bench.factory.admit(
    { user: 'ada' },
    {
      withoutConnection: true,
      init: async (manager) => {
        during = manager;
        await gate.promise;
      },
    },
  );
  expect(bench.factory.usage('ada')).toMatchObject({ held: 1, pending: 1, active: 0 });
  expect(during?.state).toBe('pending');
  gate.resolve();
  const admission = await attempt;
  expect(admission.admitted && admission.manager).toBe(during);
  expect(during?.state).toBe('active');
  expect(bench.factory.usage('ada')).toMatchObject({ held: 1, pending: 0, active: 1 });
});

test.each(['at once', 'later'])(
  '[A8] an init that throws %s refuses, disposes of what it acquired and frees the slot',
  async (when) => {
    const bench = new Bench();
    const disposed: string[] = [];
    const cause = new Error('no database');
    const init = (manager: Manager): unknown => {
      manager.defer(() => disposed.push('subscription'));
      if (when === 'at once') throw cause;
      return Promise.reject(cause);
    };
    const refusal = refusalOf(await bench.factory.admit({ user: 'ada' }, { withoutConnection: true, init }));
    expect(refusal).toMatchObject({ reason: 'init-failed', cause });
    expect(disposed).toEqual(['subscription']);
    expect(bench.held()).toBe(0);
    expect(bench.factory.stats().released.byReason).toEqual({ 'init-failed': 1 });
  },
);

test.each([true, false])(
  '[A9] an init that is not done by pendingDeadlineMs is refused (without connection: %s)',
  async (withoutConnection) => {
    const bench = new Bench({ pendingDeadlineMs: 2000 });
    const attempt = bench.factory.admit({ user: 'ada' }, { withoutConnection, init: () => NEVER });
    await bench.clock.advance(1990);
    expect(bench.factory.usage('ada').pending).toBe(1);
    await bench.clock.advance(20);
    expect(bench.held()).toBe(0);
    expect(refusalOf(await attempt).reason).toBe('init-timeout');
    expect(bench.factory.stats().released.byReason).toEqual({ 'pending-timeout': 1 });
  },
);

test('[A9] an init that fails after its time is neither unhandled nor lost', async () => {
  const bench = new Bench({ pendingDeadlineMs: 2000 });
  const late = deferred();
  const attempt = bench.factory.admit({ user: 'ada' }, { withoutConnection: true, init: () => late.promise });
  await bench.clock.advance(2010);
  expect(refusalOf(await attempt).reason).toBe('init-timeout');
  late.reject(new Error('late'));
  await bench.clock.settle();
  expect(bench.errors.map(({ stage }) => stage)).toEqual(['init']);
  expect(accountsBalance(bench.factory)).toBe(true);
});

test.each(['client-close', 'client-error'] as const)(
  '[A10] a client that leaves during init (%s) disposes of the half-built manager',
  async (cause) => {
    const bench = new Bench();
    const peer = new FakePeer(bench.factory);
    const disposed: string[] = [];
    const gate = deferred();
    const init = async (manager: Manager): Promise<void> => {
      manager.defer(() => disposed.push('half built'));
      await gate.promise;
    };
    const attempt = bench.factory.admit({ user: 'ada' }, { connection: peer.connection, init });
    expect(bench.held()).toBe(1);
    peer.connection.end(cause);
    expect(bench.held()).toBe(0);
    expect(disposed).toEqual(['half built']);
    peer.connection.markGone();
    await bench.clock.settle();
    gate.resolve();
    expect(refusalOf(await attempt).reason).toBe('client-left');
    expect(bench.factory.stats()).toMatchObject({
      active: 0,
      pending: 0,
      closing: 0,
      created: 1,
      released: { byReason: { 'left-during-init': 1 } },
    });
  },
);

test('[A11] a manager that is ended while init runs is refused with the reason of its end', async () => {
  const bench = new Bench();
  const attempt = bench.factory.admit({ user: 'ada' }, { withoutConnection: true, init: () => NEVER });
  await bench.factory.closeAllForUser('ada', 'banned');
  const refusal = refusalOf(await attempt);
  expect(refusal.reason).toBe('ended-during-init');
  expect(refusal.message).toContain('(banned)');
});

test('[A12] a connection that ended before its admission is refused and nothing is created', async () => {
  const bench = new Bench();
  const peer = new FakePeer(bench.factory);
  peer.connection.end('client-close');
  expect(refusalOf(await bench.factory.admit({ user: 'ada' }, { connection: peer.connection })).reason).toBe(
    'client-left',
  );
  expect(bench.factory.stats()).toMatchObject({ created: 0, limitHits: 0 });
});

test('[A13] admitOrThrow answers the manager or throws the refusal as an error with its code', async () => {
  const bench = new Bench({ maxManagersPerUser: 1, emergencyThreshold: false });
  const manager = await bench.factory.admitOrThrow({ user: 'ada' }, { withoutConnection: true });
  expect(manager.state).toBe('active');
  const atLimit = await bench.factory.admitOrThrow({ user: 'ada' }).catch((error: unknown) => error);
  expect(atLimit).toBeInstanceOf(UserLimitReachedError);
  expect(atLimit).toMatchObject({
    code: 'WATERTIGHT_E_USER_LIMIT',
    refusal: { reason: 'user-limit', limit: 1, held: 1 },
  });
  const invalid = await bench.factory.admitOrThrow({ user: '' }).catch((error: unknown) => error);
  expect(invalid).toBeInstanceOf(AdmissionRefusedError);
  expect(invalid).not.toBeInstanceOf(UserLimitReachedError);
  expect(invalid).toMatchObject({ code: 'WATERTIGHT_E_REFUSED', refusal: { reason: 'invalid-user' } });
});

test('[A14] tryAdmit decides at once, also at the limit while an emergency cleanup runs', () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000, pendingDeadlineMs: false });
  bench.sessions(20, 'ada', { answers: false });
  bench.clock.stall(1500);
  expect(refusalOf(bench.factory.tryAdmit({ user: 'ada' })).reason).toBe('user-limit');
  expect(bench.factory.stats().emergency.running).toBe(1);
});

test('[A15] a factory that is closing refuses everybody', async () => {
  const bench = new Bench();
  const closed = bench.factory.close();
  expect(refusalOf(bench.factory.tryAdmit({ user: 'ada' }))).toMatchObject({
    reason: 'factory-closed',
    httpStatus: 503,
  });
  await closed;
  expect(refusalOf(await bench.factory.admit({ user: 'ada' })).reason).toBe('factory-closed');
});

test('[A16] a connection that is attached already, or is not ours, throws and takes no slot', async () => {
  const bench = new Bench();
  const { peer } = bench.session();
  expect(() => bench.factory.tryAdmit({ user: 'bob' }, { connection: peer.connection })).toThrow(
    expect.objectContaining({ code: 'WATERTIGHT_E_CONNECTION_ENDED' }),
  );
  await expect(
    bench.factory.admit({ user: 'bob' }, { connection: { ...peer.connection, ended: false } }),
  ).rejects.toMatchObject({
    code: 'WATERTIGHT_E_CONNECTION_ENDED',
  });
  expect(bench.held('bob')).toBe(0);
  expect(bench.factory.stats().created).toBe(1);
});

test('[A17] a bare factory warns once when it admits while its sweep is not running', async () => {
  const warnings: string[] = [];
  const listener = (warning: Error & { code?: string }): void => {
    if (warning.code === 'WATERTIGHT_W_NO_SWEEP') warnings.push(warning.message);
  };
  process.on('warning', listener);
  atEnd(() => process.off('warning', listener));
  const bare = createManagerFactory({ name: 'bare' });
  const started = createManagerFactory({ name: 'started' });
  const without = createManagerFactory({ name: 'without', sweepIntervalMs: false });
  started.start();
  for (const factory of [bare, bare, started, without]) factory.tryAdmit({ user: 'ada' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual(["Factory 'bare' admits while its sweep is not running; call start() or use an adapter"]);
  await Promise.all([bare, started, without].map((factory) => factory.close()));
});

test.each(Object.keys(REFUSALS) as RefusalReason[])('[A18] refusal %s carries what its table says', (reason) => {
  const { httpStatus, closeCode, retry, retryAfterMs } = REFUSALS[reason];
  expect(httpStatus).toBeGreaterThanOrEqual(400);
  expect(
    closeCode === 1001 ||
      closeCode === 1008 ||
      closeCode === 1009 ||
      (closeCode >= 1011 && closeCode <= 1013) ||
      closeCode >= 4000,
  ).toBe(true);
  expect(retryAfterMs === null).toBe(retry === 'do-not-retry');
});

test('[A18] a refusal is a value with reason, status, close code, retry hint, limit and held', () => {
  const bench = new Bench({ maxManagersPerUser: 1, emergencyThreshold: false });
  bench.manager();
  expect(bench.factory.tryAdmit({ user: 'ada' })).toEqual({
    admitted: false,
    reason: 'user-limit',
    message: 'Refused: maximum number of managers per user reached (1); the user holds 1',
    httpStatus: 429,
    closeCode: 4429,
    retry: 'retry-later',
    retryAfterMs: 5000,
    limit: 1,
    held: 1,
  });
  expectTypeOf<Extract<Admission, { admitted: true }>['manager']>().toEqualTypeOf<Manager>();
});

test('[A19] admission is decided synchronously: when the call returns the slot is taken', async () => {
  const bench = new Bench();
  const attempt = bench.factory.admit({ user: 'ada' }, { withoutConnection: true });
  expect(bench.factory.stats()).toMatchObject({ created: 1 });
  expect(bench.held()).toBe(1);
  const state = watch(attempt);
  await bench.clock.settle();
  expect(state.settled).toBe(true);
});

/** Works on until its manager is ended, and gives up then. */
function untilEnded({ signal }: Manager): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('gave up')));
  });
}

test('[A11] an init that gives up because its manager was ended is not why the client is refused', async () => {
  const bench = new Bench({ pendingDeadlineMs: 1000 });
  const attempt = bench.factory.admit(
    { user: 'ada' },
    {
      withoutConnection: true,
      init: (manager) => {
        manager.defer(() => NEVER);
        return untilEnded(manager);
      },
    },
  );
  await bench.clock.advance(1600);
  expect(refusalOf(await attempt).reason).toBe('init-timeout');
  expect(bench.errors.map(({ stage }) => stage)).toContain('init');
});

test('[A28] a predecessor whose init gives up for it is refused as taken over, and told not to come back', async () => {
  const bench = new Bench();
  const { connection } = new FakePeer(bench.factory, { closes: false });
  const first = bench.factory.admit({ user: 'ada', sessionId: 'tab' }, { connection, init: untilEnded });
  const second = bench.factory.admit({ user: 'ada', sessionId: 'tab' }, { withoutConnection: true });
  await bench.clock.advance(600);
  expect(refusalOf(await first)).toMatchObject({ reason: 'taken-over', retry: 'do-not-retry' });
  expect((await second).admitted).toBe(true);
});
