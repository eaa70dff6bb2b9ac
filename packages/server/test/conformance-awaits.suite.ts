import { describe, expect, test } from 'vitest';
import type { OnLimitDecision } from '../src/on-limit.ts';
import {
  FIN_BEHIND_BYTES,
  LEAVINGS,
  type Leaving,
  OTHER,
  awaitStageOf,
  comesAndGoes,
  heldBackQuota,
  holdingFirst,
  isForgotten,
  isServedAndLeaves,
} from './await-stage.ts';
import type { Place, Subject } from './conformance-kit.ts';
import { type Deferred, NEVER, deferred } from './factory-kit.ts';
import { FakePeer } from './fake-peer.ts';

/** What every adapter promises about clients that leave while others take their time, whatever the transport. */
export function conformanceOfAwaits(subject: Subject): void {
  const leavings = subject.can.early ? [...LEAVINGS, FIN_BEHIND_BYTES] : LEAVINGS;
  const users = (ways: readonly Leaving[]): readonly (readonly [user: string, how: string, leave: Leaving[1]])[] =>
    ways.map(([how, leave], index) => [`ada-${index}`, how, leave]);
  const without = (place: Place): boolean => subject.waits?.[place] === undefined;

  describe(`${subject.name}, while others take their time`, () => {
    test('[J31] whoever leaves while its attempt waits for an emergency cleanup leaves nothing', async () => {
      const stage = await awaitStageOf(
        subject,
        {},
        { maxManagersPerUser: 1, heartbeatIntervalMs: 1000, heartbeatMisses: 100 },
      );
      for (const [index, [user, how, leave]] of users(leavings).entries()) {
        const quiet = new FakePeer(stage.factory, { answers: false });
        stage.factory.tryAdmit({ user }, { connection: quiet.connection });
        await stage.clock.advance(1500);
        const client = await stage.ask(user);
        await stage.soon(() => stage.factory.stats().emergency.running === 1, 'the emergency cleanup runs');
        leave(client, stage);
        await isForgotten(stage, how, 0);
        expect([how, stage.factory.stats().emergency.running, quiet.destroyed]).toEqual([how, 1, undefined]);
        await comesAndGoes(subject, stage, OTHER);
        await stage.later(() => stage.factory.stats().emergency.running === 0, 'it is over');
        expect([how, stage.factory.stats().refusedByReason]).toEqual([how, { 'client-left': index + 1 }]);
        await comesAndGoes(subject, stage, user);
      }
      await stage.isDone();
      expect(stage.factory.stats()).toMatchObject({ created: 3 * leavings.length, limitHits: 0 });
    });

    test('[J31] whoever leaves while an onLimit function decides gets no slot, and nobody goes for it', async () => {
      const gates = new Map<string, Deferred<OnLimitDecision>>();
      const stage = await awaitStageOf(
        subject,
        {},
        {
          maxManagersPerUser: 1,
          emergencyThreshold: false,
          onLimit: ({ user }) => {
            const gate = deferred<OnLimitDecision>();
            gates.set(user, gate);
            return gate.promise;
          },
        },
      );
      for (const [index, [user, how, leave]] of users(leavings).entries()) {
        const holder = await stage.enter(user);
        const client = await stage.ask(user);
        await stage.soon(() => gates.has(user), 'the function decides');
        leave(client, stage);
        await isForgotten(stage, how, 1);
        const gate = gates.get(user);
        if (index % 2 === 0) gate?.resolve('evict-oldest');
        else gate?.reject(new Error('too late'));
        await stage.soon(
          () => stage.factory.stats().refusedByReason['client-left'] === index + 1,
          `${how}: it is refused`,
        );
        await isServedAndLeaves(subject, stage, user, holder);
        await comesAndGoes(subject, stage, user);
      }
      await stage.isDone();
      expect(stage.factory.stats()).toMatchObject({ created: 2 * leavings.length, limitHits: 0 });
    });

    test('[J31] whoever leaves while a store is asked for its lease has neither slot nor lease', async () => {
      const { quota, store, asked, letGo } = heldBackQuota();
      const initialised: string[] = [];
      const stage = await awaitStageOf(
        subject,
        { init: ({ user }) => void initialised.push(user) },
        // One slot in all: it has to be free before the store has answered.
        { quota, maxManagers: 1, emergencyThreshold: false },
      );
      for (const [user, how, leave] of users(leavings)) {
        const client = await stage.ask(user);
        await stage.soon(() => asked.includes(user), 'the store is asked');
        leave(client, stage);
        await isForgotten(stage, how, 0);
        await comesAndGoes(subject, stage, OTHER);
        letGo();
        await stage.soon(async () => (await store.usage({ user, tenant: '' })).held === 0, `${how}: it has no lease`);
      }
      await stage.isDone();
      expect(initialised).toEqual(leavings.map(() => OTHER));
    });

    test.each(['identify', 'init'] as const)(
      '[J33] an error of its socket while %s runs is the end of a client',
      async (where) => {
        const { hook, isReached, letGo } = holdingFirst();
        const stage = await awaitStageOf(
          subject,
          {
            identifyTimeoutMs: false,
            ...(where === 'identify'
              ? { identify: async (user: string | null) => (await hook(user), user) }
              : { init: ({ user }) => hook(user) }),
          },
          { maxManagers: 1, emergencyThreshold: false },
        );
        const client = await stage.ask('ada');
        await stage.soon(() => isReached('ada'), `${where} runs`);
        stage.break(client);
        await isForgotten(stage, 'an error', 0);
        await comesAndGoes(subject, stage, OTHER);
        letGo('ada', false);
        await comesAndGoes(subject, stage, 'ada');
        await stage.isDone();
      },
    );

    test.skipIf(without('behind'))(
      '[J32] whoever leaves behind its admission, while others take their time, frees its slot at once',
      async () => {
        const { hook, isReached, letGo } = holdingFirst();
        const stage = await awaitStageOf(
          subject,
          { hooks: { behind: hook } },
          { maxManagersPerUser: 1, emergencyThreshold: false },
        );
        for (const [index, [user, how, leave]] of users(LEAVINGS).entries()) {
          const client = await stage.ask(user);
          await stage.soon(() => isReached(user), `${subject.waits?.behind} is waited for`);
          expect(stage.factory.usage(user).active).toBe(1);
          leave(client, stage);
          await stage.soon(() => stage.factory.usage(user).held === 0, `${how}: its slot is free`);
          const next = await stage.enter(user);
          letGo(user, index % 2 === 1);
          await stage.later(async () => (await stage.socketCount()) === 1, `${how}: its socket is gone`);
          await isServedAndLeaves(subject, stage, user, next);
        }
        await stage.isDone();
        expect(stage.factory.stats().created).toBe(2 * LEAVINGS.length);
      },
    );

    test.skipIf(without('behind') || !subject.can.early).each(['the answer', 'the heartbeat'])(
      '[J32] a FIN behind early bytes is known there when somebody reads them, or by the heartbeat: here by %s',
      async (by) => {
        const { hook, isReached, letGo } = holdingFirst();
        const options = { heartbeatIntervalMs: 1000, heartbeatMisses: 2 };
        const stage = await awaitStageOf(subject, { hooks: { behind: hook } }, options);
        const client = await stage.ask('ada');
        await stage.soon(() => isReached('ada'), `${subject.waits?.behind} is waited for`);
        FIN_BEHIND_BYTES[1](client, stage);
        if (by === 'the answer') letGo('ada', false);
        const look = by === 'the answer' ? stage.soon : stage.later;
        await look(() => stage.factory.usage('ada').held === 0, 'its slot is free');
        await stage.later(async () => (await stage.socketCount()) === 0, 'its socket is gone');
        await comesAndGoes(subject, stage, OTHER);
        letGo('ada', false);
        await stage.isDone();
      },
    );

    test.skipIf(without('before')).each(['hangs', 'answers at once'])(
      '[J34] whoever left before the adapter is asked is not let in, also where identify %s',
      async (identify) => {
        const { hook, isReached, letGo } = holdingFirst();
        const hangs = identify === 'hangs';
        const stage = await awaitStageOf(subject, {
          hooks: { before: hook },
          identifyTimeoutMs: false,
          identify: (user) => (hangs && user !== OTHER ? NEVER : user),
        });
        for (const [user, how, leave] of users(LEAVINGS)) {
          const client = await stage.ask(user);
          await stage.soon(() => isReached(user), `${subject.waits?.before} is waited for`);
          const socket = stage.socketOf(client);
          leave(client, stage);
          // Who ends a socket that its client has ended is waited for; nobody does where it is half-open.
          await stage.soon(() => socket.closed || (socket.readableEnded && socket.writable), 'it is known');
          letGo(user, false);
          await isForgotten(stage, how, 0);
          await comesAndGoes(subject, stage, OTHER);
        }
        await stage.isDone();
        expect(stage.factory.stats().created).toBe(LEAVINGS.length);
      },
    );
  });
}
