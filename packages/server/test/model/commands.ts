import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Manager } from '../../src/manager.ts';
import type { OnLimitDecision } from '../../src/on-limit.ts';
import { NEVER } from '../factory-kit.ts';
import { type Hook, USERS, type World } from './world.ts';

/** What must hold is asked of the world after every step; beside it only the steps of this run are known. */
interface Model {
  steps: number;
}

/** One step; every step is possible at any time. */
class Step implements fc.AsyncCommand<Model, World> {
  static taken = 0;
  readonly #what: string;
  readonly #take: (world: World) => unknown;

  constructor(what: string, take: (world: World) => unknown) {
    this.#what = what;
    this.#take = take;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, world: World): Promise<void> {
    model.steps += 1;
    Step.taken += 1;
    await this.#take(world);
    world.check();
    await world.clock.settle();
    world.check();
  }

  toString(): string {
    return this.#what;
  }
}

export function stepsTaken(): number {
  return Step.taken;
}

const user = fc.constantFrom(...USERS);
const hook = fc.constantFrom<Hook>('fine', 'throws', 'rejects', 'hangs', 'late', 'reenters');
const pick = fc.nat(30);
const habits = fc.record({ answers: fc.boolean(), closes: fc.boolean() });

const choose = <Item>(items: readonly Item[], index: number): Item | undefined =>
  items[index % Math.max(1, items.length)];

const admit = fc
  .record({
    who: user,
    init: fc.option(hook),
    finalizers: fc.array(hook, { maxLength: 3 }),
    peer: fc.option(habits),
    sessionId: fc.option(fc.constantFrom('tab-1', 'tab-2'), { nil: undefined }),
    remoteAddress: fc.option(fc.constantFrom('192.0.2.1', '192.0.2.2'), { nil: undefined }),
  })
  .map((given) => {
    const { who, init, finalizers, peer, sessionId, remoteAddress } = given;
    return new Step(`admit ${JSON.stringify(given)}`, (world) => {
      const own = (manager: Manager): void => {
        world.remember(manager);
        const child = manager.child();
        for (const [index, kind] of finalizers.entries())
          (index === 1 ? child : manager).defer(() => world.hook(kind, manager));
      };
      const attempt = world.factory.admit(
        { user: who, sessionId, remoteAddress },
        {
          ...(peer === null ? { withoutConnection: true } : { connection: world.peer(peer).connection }),
          init: (manager) => {
            own(manager);
            return init === null ? undefined : world.hook(init, manager);
          },
        },
      );
      world.attempts.push(attempt);
    });
  });

const tryAdmit = fc.record({ who: user, attached: fc.boolean() }).map(
  ({ who, attached }) =>
    new Step(`tryAdmit ${who}${attached ? ' attached' : ''}`, (world) => {
      const admission = world.factory.tryAdmit(
        { user: who },
        attached ? { connection: world.peer({}).connection } : {},
      );
      if (admission.admitted) world.remember(admission.manager);
    }),
);

/** Somebody who answers, works, and is in nobody's way: no emergency, no heartbeat and no pressure may end it. */
const admitLiving = user.map(
  (who) =>
    new Step(`admit a living ${who}`, (world) => {
      const admission = world.factory.tryAdmit({ user: who }, { connection: world.peer({ answers: true }).connection });
      if (!admission.admitted) return;
      void admission.manager.run(() => NEVER).catch(() => undefined);
      world.mustLive(admission.manager);
    }),
);

const attach = fc.record({ index: pick, peer: habits }).map(
  ({ index, peer }) =>
    new Step(`attach to ${index}`, (world) => {
      try {
        choose(world.managers, index)?.attach(world.peer(peer).connection);
      } catch (error) {
        expect(error).toHaveProperty('code');
      }
    }),
);

const peerDoes = fc
  .record({ index: pick, how: fc.constantFrom('end', 'error', 'gone', 'talk', 'mute', 'stall', 'send') })
  .map(
    ({ index, how }) =>
      new Step(`peer ${index}: ${how}`, (world) => {
        const peer = choose(world.peers, index);
        if (peer === undefined) return;
        if (how === 'talk') peer.talk();
        else if (how === 'send') peer.connection.maySend(600);
        else world.mayEnd();
        if (how === 'end') peer.connection.end('client-close');
        else if (how === 'error') peer.connection.end('client-error');
        else if (how === 'gone') peer.connection.markGone();
        else if (how === 'mute') peer.habits = { ...peer.habits, answers: false };
        else if (how === 'stall') peer.unsent = 500;
      }),
  );

const end = fc.record({ index: pick, verb: fc.constantFrom('close', 'destroy'), work: fc.boolean() }).map(
  ({ index, verb, work }) =>
    new Step(`${verb} ${index}${work ? ' with work in flight' : ''}`, (world) => {
      const manager = choose(world.managers, index);
      if (manager === undefined) return;
      if (work) void manager.run(() => NEVER).catch(() => undefined);
      void manager[verb]();
    }),
);

const advance = fc.nat(1500).map((byMs) => new Step(`advance ${byMs} ms`, (world) => world.clock.advance(byMs)));

const stall = fc.nat(3000).map(
  (forMs) =>
    new Step(`stall ${forMs} ms`, async (world) => {
      // A deadline passes while nothing can run; whoever was closing then is closed as soon as something can.
      if (world.factory.stats().closing === 0) world.clock.stall(forMs);
      await world.clock.advance(0);
    }),
);

const emergency = fc
  .record({ who: fc.option(user), level: fc.constantFrom('conservative', 'moderate', 'force'), needed: fc.nat(3) })
  .map(
    ({ who, level, needed }) =>
      new Step(`emergency ${String(who)} ${level} ${needed}`, (world) => {
        void world.factory.runEmergencyCleanup(who ?? undefined, { level, needed });
      }),
  );

const press = fc.constantFrom(0, 60, 85, 99).map(
  (heapUsedBytes) =>
    new Step(`heap at ${heapUsedBytes} %`, (world) => {
      world.heapUsedBytes = heapUsedBytes;
    }),
);

const override = fc.record({ who: user, maxManagers: fc.constantFrom(0, 1, 1, 2, 5, undefined) }).map(
  ({ who, maxManagers }) =>
    new Step(`override ${who}: ${maxManagers ?? 'none'}`, (world) => {
      if (maxManagers === undefined) world.factory.clearOverride(who);
      else world.factory.setOverride(who, { maxManagers });
    }),
);

const policy = fc
  .oneof(hook, fc.constantFrom<OnLimitDecision>('reject', 'evict-idle', 'evict-oldest', { evict: 'nobody' }))
  .map(
    (onLimit) =>
      new Step(`at the limit: ${JSON.stringify(onLimit)}`, (world) => {
        world.onLimit = onLimit;
      }),
  );

const closeAll = user.map(
  (who) =>
    new Step(`closeAllForUser ${who}`, (world) => {
      world.mayEndOf(who);
      void world.factory.closeAllForUser(who);
    }),
);

const drain = fc.nat(4000).map(
  (windowMs) =>
    new Step(`drain in ${windowMs} ms`, (world) => {
      world.mayEnd();
      world.drained = world.factory.drain({ windowMs });
    }),
);

const letHooksFinish = fc.constant(
  new Step('let hooks finish', (world) => world.pendingHooks.splice(0).forEach((resolve) => resolve(undefined))),
);

/** Everything that can happen; a drain is rare, as little happens after it. */
export const steps: fc.Arbitrary<fc.AsyncCommand<Model, World>> = fc.oneof(
  { arbitrary: admit, weight: 30 },
  { arbitrary: tryAdmit, weight: 10 },
  { arbitrary: admitLiving, weight: 10 },
  { arbitrary: attach, weight: 10 },
  { arbitrary: peerDoes, weight: 30 },
  { arbitrary: end, weight: 20 },
  { arbitrary: advance, weight: 30 },
  { arbitrary: stall, weight: 5 },
  { arbitrary: emergency, weight: 10 },
  { arbitrary: press, weight: 10 },
  { arbitrary: override, weight: 15 },
  { arbitrary: policy, weight: 10 },
  { arbitrary: closeAll, weight: 5 },
  { arbitrary: letHooksFinish, weight: 10 },
  { arbitrary: drain, weight: 1 },
);
