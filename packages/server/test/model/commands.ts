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
      const ours = peer === null ? undefined : world.peer(peer);
      const own = (manager: Manager): void => {
        world.remember(manager, ours);
        const child = manager.child();
        for (const [index, kind] of finalizers.entries())
          (index === 1 ? child : manager).defer(() => world.hook(kind, manager));
      };
      world.admit(
        { user: who, sessionId, remoteAddress },
        {
          ...(ours === undefined ? { withoutConnection: true } : { connection: ours.connection }),
          init: (manager) => {
            own(manager);
            return init === null ? undefined : world.hook(init, manager);
          },
        },
      );
    });
  });

const tryAdmit = fc.record({ who: user, attached: fc.boolean() }).map(
  ({ who, attached }) =>
    new Step(`tryAdmit ${who}${attached ? ' attached' : ''}`, (world) => {
      const peer = attached ? world.peer({}) : undefined;
      const admission = world.tryAdmit({ user: who }, peer === undefined ? {} : { connection: peer.connection });
      if (admission.admitted) world.remember(admission.manager, peer);
    }),
);

/** Somebody in nobody's way, who works, or is idle and answers, or needs no connection: nothing ends it that is not decided for it. */
const admitLiving = fc.record({ who: user, attached: fc.boolean(), works: fc.boolean() }).map(
  ({ who, attached, works }) =>
    new Step(`admit a living ${who}${attached ? ' attached' : ''}${works ? ' who works' : ''}`, (world) => {
      const peer = attached ? world.peer({ answers: true }) : undefined;
      const options = peer === undefined ? { withoutConnection: true } : { connection: peer.connection };
      const admission = world.tryAdmit({ user: who }, options);
      if (!admission.admitted) return;
      if (works) void admission.manager.run(() => NEVER).catch(() => undefined);
      if (peer !== undefined) world.ends.attached(admission.manager, peer);
      world.ends.mustLive({ manager: admission.manager, peer, works });
    }),
);

const attach = fc.record({ index: pick, peer: habits }).map(
  ({ index, peer }) =>
    new Step(`attach to ${index}`, (world) => {
      const manager = choose(world.managers, index);
      if (manager === undefined) return;
      const ours = world.peer(peer);
      try {
        manager.attach(ours.connection);
        world.ends.attached(manager, ours);
      } catch (error) {
        expect(error).toHaveProperty('code');
      }
    }),
);

const ENDS: ReadonlySet<string> = new Set(['end', 'error', 'gone']);

const peerDoes = fc
  .record({ index: pick, how: fc.constantFrom('end', 'error', 'gone', 'talk', 'mute', 'stall', 'send') })
  .map(
    ({ index, how }) =>
      new Step(`peer ${index}: ${how}`, (world) => {
        const peer = choose(world.peers, index);
        if (peer === undefined) return;
        if (ENDS.has(how)) world.ends.peerEnds(peer);
        if (ENDS.has(how) || how === 'mute') world.ends.mayEnd((living) => living.peer === peer);
        if (how === 'talk') {
          peer.talk();
          world.ends.used(peer);
        } else if (how === 'send') peer.connection.maySend(600);
        else if (how === 'end') peer.connection.end('client-close');
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

/** After it, timers have their turn at once, or something else does before. */
const stall = fc.record({ forMs: fc.nat(3000), firstTimers: fc.boolean() }).map(
  ({ forMs, firstTimers }) =>
    new Step(`stall ${forMs} ms${firstTimers ? '' : ', and others before timers'}`, async (world) => {
      world.stall(forMs);
      if (firstTimers) await world.clock.advance(0);
    }),
);

const emergency = fc
  .record({ who: fc.option(user), level: fc.constantFrom('conservative', 'moderate', 'force'), needed: fc.nat(3) })
  .map(
    ({ who, level, needed }) =>
      new Step(`emergency ${String(who)} ${level} ${needed}`, (world) => {
        if (level === 'force') world.ends.mayForce(needed);
        void world.factory.runEmergencyCleanup(who ?? undefined, { level, needed });
      }),
  );

const press = fc.constantFrom(0, 60, 85, 99).map(
  (heapUsedBytes) =>
    new Step(`heap at ${heapUsedBytes} %`, (world) => {
      world.heapUsedBytes = heapUsedBytes;
    }),
);

const override = fc.record({ who: user, maxManagers: fc.constantFrom(0, 1, 1, 2, 5, Infinity, undefined) }).map(
  ({ who, maxManagers }) =>
    new Step(`override ${who}: ${maxManagers ?? 'none'}`, (world) => {
      world.limits.override(who, maxManagers);
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
      world.ends.mayEnd(({ manager }) => manager.user === who);
      void world.factory.closeAllForUser(who);
    }),
);

const drain = fc.nat(4000).map(
  (windowMs) =>
    new Step(`drain in ${windowMs} ms`, (world) => {
      world.ends.mayEnd();
      world.limits.isShut = true;
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
  { arbitrary: stall, weight: 12 },
  { arbitrary: emergency, weight: 10 },
  { arbitrary: press, weight: 10 },
  { arbitrary: override, weight: 15 },
  { arbitrary: policy, weight: 10 },
  { arbitrary: closeAll, weight: 5 },
  { arbitrary: letHooksFinish, weight: 10 },
  { arbitrary: drain, weight: 1 },
);
