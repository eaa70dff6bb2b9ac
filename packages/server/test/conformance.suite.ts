import { describe, expect, test } from 'vitest';
import type { Manager } from '../src/manager.ts';
import { type Behaviour, type Stage, type Subject, isEmpty, isServed, stageOf } from './conformance-kit.ts';
import { NEVER, deferred } from './factory-kit.ts';
import { until } from './guarded-server.ts';
import { type RawClient, TEXT, closingOf, frame } from './raw-client.ts';

type Leaving = readonly [how: string, leave: (client: RawClient) => void];

const LEAVINGS: readonly Leaving[] = [
  ['a FIN', (client) => client.leave('fin')],
  ['a reset', (client) => client.leave('rst')],
];

const FIN_BEHIND_BYTES: Leaving = [
  'a FIN behind early bytes',
  (client) => {
    client.socket.write(frame(TEXT, 'early'));
    client.leave('fin');
  },
];

const OTHER = 'ben';
const isOther = (user: string | null): boolean => user === OTHER;

/** A behaviour that holds everybody but `ben` back at one place, until it is let go. */
function holding(where: 'identify' | 'init'): { readonly behaviour: Behaviour; reached(): boolean; letGo(): void } {
  const gate = deferred();
  let reached = false;
  const wait = async (user: string | null): Promise<void> => {
    if (isOther(user)) return;
    reached = true;
    await gate.promise;
  };
  const behaviour: Behaviour =
    where === 'identify'
      ? { identify: async (user) => (await wait(user), user) }
      : { init: (manager) => wait(manager.user) };
  return { behaviour, reached: () => reached, letGo: gate.resolve };
}

/** Whatever happened to `ada`: nothing of her is left, and `ben` is served. */
async function othersAreServed(subject: Subject, stage: Stage): Promise<void> {
  const other = await stage.enter(OTHER);
  await isServed(subject, other, 'hello');
  expect(stage.factory.usage(OTHER).held).toBe(1);
  other.leave('fin');
  await stage.nothingIsLeft();
}

/** What every adapter promises, whatever the transport. */
export function conformance(subject: Subject): void {
  const leavings = subject.can.early ? [...LEAVINGS, FIN_BEHIND_BYTES] : LEAVINGS;

  describe(subject.name, () => {
    test('[J1] an admitted client has a manager, is heard, and is released by its end', async () => {
      const began: string[] = [];
      const stage = await stageOf(subject, { began: (manager) => began.push(manager.user) });
      const ada = await stage.enter('ada');
      await isServed(subject, ada, 'hello');
      expect([began, stage.factory.usage('ada').active]).toEqual([['ada'], 1]);
      ada.leave('fin');
      await stage.nothingIsLeft();
      expect(stage.factory.stats().released.byReason).toEqual({ [subject.endsAs ?? 'client-close']: 1 });
    });

    test.each(leavings)('[J2] %s while identify runs leaves nothing, and no manager is made', async (_how, leave) => {
      const { behaviour, reached, letGo } = holding('identify');
      // Without its time-out nothing but the end of the socket lets go.
      const stage = await stageOf(subject, { ...behaviour, identifyTimeoutMs: false });
      const ada = await stage.ask('ada');
      await until(reached, 'identify runs');
      leave(ada);
      await until(() => isEmpty(stage.factory, stage.guard), 'nothing is held');
      await until(async () => (await stage.socketCount()) === 0, 'no socket is left');
      letGo();
      await othersAreServed(subject, stage);
      expect(stage.factory.stats().created).toBe(1);
    });

    test.each(leavings)('[J3] %s while init runs disposes of the half-built manager at once', async (_how, leave) => {
      const disposed: string[] = [];
      const { behaviour, reached, letGo } = holding('init');
      const stage = await stageOf(subject, {
        init: (manager) => {
          manager.defer(() => disposed.push(manager.user));
          return behaviour.init?.(manager);
        },
      });
      const ada = await stage.ask('ada');
      await until(reached, 'init runs');
      leave(ada);
      await until(() => stage.factory.usage('ada').held === 0, 'the slot is free', 500);
      expect(disposed).toEqual(['ada']);
      await othersAreServed(subject, stage);
      letGo();
      expect(stage.factory.stats().released.byReason['left-during-init']).toBe(1);
    });

    test.each(leavings)('[J4] %s between the decision and the answer is noticed afterwards', async (_how, leave) => {
      const clients: RawClient[] = [];
      let manager: Manager | undefined;
      const stage = await stageOf(subject, {
        init: (initialised) => {
          if (isOther(initialised.user)) return;
          manager = initialised;
          for (const client of clients) leave(client);
        },
      });
      clients.push(await stage.ask('ada'));
      await until(() => manager !== undefined, 'init ran');
      await until(() => isEmpty(stage.factory, stage.guard), 'nothing is held', 1000);
      await othersAreServed(subject, stage);
    });

    test('[J5] a manager closed during init refuses its client, once, with a hint', async () => {
      const stage = await stageOf(subject, {
        init: (manager) => {
          if (!isOther(manager.user)) void manager.close('changed-its-mind');
        },
      });
      const ada = await stage.ask('ada');
      expect(await stage.refused(ada)).toMatchObject({ status: 503, retryAfterMs: 1000 });
      await othersAreServed(subject, stage);
      expect(stage.factory.stats().refusedByReason).toEqual({ 'ended-during-init': 1 });
    });

    test.each([
      ['identify', 'identify-failed'],
      ['init', 'init-failed'],
    ] as const)('[J6] a %s that throws refuses its client and nobody else', async (where, reason) => {
      const broke = (): never => {
        throw new Error('broke');
      };
      const stage = await stageOf(
        subject,
        where === 'identify'
          ? { identify: (user) => (isOther(user) ? user : broke()) }
          : { init: (manager) => (isOther(manager.user) ? undefined : broke()) },
      );
      const ada = await stage.ask('ada');
      expect(await stage.refused(ada)).toMatchObject({ status: 503, reason });
      expect(ada.received.toString()).not.toContain('broke');
      await othersAreServed(subject, stage);
      expect(stage.factory.stats().refusedByReason).toEqual({ [reason]: 1 });
    });

    test('[J6] code that throws when a session begins ends that session and is reported', async () => {
      const stage = await stageOf(subject, {
        began: (manager) => {
          if (!isOther(manager.user)) throw new Error('broke');
        },
      });
      const ada = await stage.ask('ada');
      await until(() => ada.end !== undefined, 'the server let go');
      await othersAreServed(subject, stage);
      expect(stage.errors.map(({ stage: where }) => where)).toEqual(subject.can.reports ? ['connection-listener'] : []);
    });

    test.each([
      ['identify', 'identify-timeout'],
      ['init', 'init-timeout'],
    ] as const)('[J7] an %s that never settles refuses its client in time', async (where, reason) => {
      const stage = await stageOf(
        subject,
        where === 'identify'
          ? { identify: (user) => (isOther(user) ? user : NEVER), identifyTimeoutMs: 50 }
          : { init: (manager) => (isOther(manager.user) ? undefined : NEVER) },
        { pendingDeadlineMs: 50 },
      );
      const ada = await stage.ask('ada');
      expect(await stage.refused(ada)).toMatchObject({ status: 503, reason });
      await othersAreServed(subject, stage);
      expect(stage.factory.stats().refusedByReason).toEqual({ [reason]: 1 });
    });

    test('[J7] a finalizer that never settles or throws holds back no socket, no slot and nobody else', async () => {
      const stage = await stageOf(subject, {
        began: (manager) => {
          if (isOther(manager.user)) return;
          manager.defer(() => NEVER, { name: 'hung' });
          manager.defer(() => {
            throw new Error('broke');
          });
        },
      });
      const ada = await stage.enter('ada');
      const [manager] = stage.factory.managersOf('ada');
      ada.leave('rst');
      await until(() => stage.factory.usage('ada').held === 0, 'the slot is free', 500);
      await othersAreServed(subject, stage);
      const report = await manager?.released;
      expect([report?.overdue.map(({ name }) => name), report?.failed.length]).toEqual([['hung'], 1]);
    });

    test.skipIf(!subject.can.messages)('[J8] a manager closed inside a message handler says goodbye', async () => {
      const stage = await stageOf(subject, {
        message: (manager, text) => {
          if (text === 'bye') void manager.close();
          return `echo ${text}`;
        },
      });
      const ada = await stage.enter('ada');
      subject.speech.say(ada, 'bye');
      await until(() => ada.end !== undefined, 'the server let go', 2000);
      if (subject.can.closeCodes) expect(closingOf(ada)?.code).toBe(1001);
      await othersAreServed(subject, stage);
      expect(stage.factory.stats().released.byReason['closed']).toBe(1);
    });

    test('[J9] a manager closed from inside its own finalizer is closed once, and nothing waits for itself', async () => {
      const closings: string[] = [];
      const stage = await stageOf(subject, {
        began: (manager) => {
          if (isOther(manager.user)) return;
          manager.defer(async () => {
            closings.push(manager.user);
            void manager.close('again');
            await stage.factory.closeAllForUser('nobody');
          });
        },
      });
      await stage.enter('ada');
      const reports = await stage.factory.closeAllForUser('ada');
      await until(() => stage.factory.usage('ada').closing === 0, 'it is closed', 1000);
      expect([closings, reports.length]).toEqual([['ada'], 1]);
      await othersAreServed(subject, stage);
    });

    test('[J10] who is refused at the limit is told limit and delay, and comes in once a slot is free', async () => {
      const stage = await stageOf(subject, {}, { maxManagersPerUser: 1, emergencyThreshold: false });
      const first = await stage.enter('ada');
      const second = await stage.ask('ada');
      expect(await stage.refused(second)).toMatchObject({
        status: 429,
        retryAfterMs: 5000,
        reason: 'user-limit',
        ...(subject.can.tellsLimit ? { limit: 1 } : undefined),
      });
      first.leave('fin');
      await until(() => stage.factory.usage('ada').held === 0, 'the slot is free');
      const third = await stage.enter('ada');
      third.leave('rst');
      await othersAreServed(subject, stage);
      expect(stage.factory.stats()).toMatchObject({ limitHits: 1 });
    });

    test.skipIf(!subject.can.asks)(
      '[J11] a client that falls silent is asked, and reset when it does not answer',
      async () => {
        const stage = await stageOf(subject, {}, { heartbeatIntervalMs: 60, heartbeatMisses: 2 });
        const ada = await stage.enter('ada');
        await until(() => stage.factory.usage('ada').held === 0, 'it is found silent', 2000);
        await until(() => ada.end === 'rst', 'it is reset');
        expect(stage.factory.stats().released.byReason).toEqual({ silent: 1 });
        await stage.nothingIsLeft();
      },
    );

    test('[J27] a limit by remote address holds: one client too many from there is refused, whoever it is', async () => {
      const stage = await stageOf(subject, {}, { maxManagersPerAddress: 1 });
      const ada = await stage.enter('ada');
      expect(await stage.refused(await stage.ask('eve'))).toMatchObject({ status: 429, reason: 'address-limit' });
      expect(stage.factory.stats()).toMatchObject({ addresses: 1, refusedByReason: { 'address-limit': 1 } });
      ada.leave('fin');
      await until(() => stage.factory.stats().addresses === 0, 'the address is forgotten');
      await othersAreServed(subject, stage);
    });

    test('[J27] an address over its connect rate is refused before anybody is asked who it is', async () => {
      let asked = 0;
      const identify = (user: string | null): string | null => {
        asked += 1;
        return user;
      };
      const stage = await stageOf(
        subject,
        { identify },
        { maxConnectsPerSecondPerAddress: 0.001, connectBurstMs: 1_000_000 },
      );
      const ada = await stage.enter('ada');
      const askedBefore = asked;
      expect(await stage.refused(await stage.ask('eve'))).toMatchObject({ status: 429, reason: 'address-rate' });
      expect(asked).toBe(askedBefore);
      ada.leave('fin');
    });

    test('[J12] closing the factory says goodbye to everybody and refuses whoever comes later', async () => {
      const stage = await stageOf(subject);
      const ada = await stage.enter('ada');
      const closed = stage.factory.close();
      await until(() => ada.end !== undefined, 'the server let go', 2000);
      if (subject.can.closeCodes) expect(closingOf(ada)?.code).toBe(1012);
      await closed;
      const late = await stage.ask('ada');
      expect(await stage.refused(late)).toMatchObject({ status: 503, reason: 'factory-closed' });
      await stage.nothingIsLeft();
    });

    test('[J13] closing the adapter refuses who is being decided and leaves its sessions alone', async () => {
      const { behaviour, reached } = holding('identify');
      const stage = await stageOf(subject, behaviour);
      const other = await stage.enter(OTHER);
      const ada = await stage.ask('ada');
      await until(reached, 'identify runs');
      stage.guard.close();
      stage.guard.close();
      expect(await stage.refused(ada)).toMatchObject({ status: 503, reason: 'factory-closed' });
      await isServed(subject, other, 'still there');
      expect(stage.guard.pendingCount).toBe(0);
    });
  });
}
