import { HAND_CLOCK } from './hand-clock-probe.ts';
import { PLUGGED } from './plugged-probe.ts';

/**
 * See `InsideFactory.rehearseLives`; JavaScript that runs in the target, on factories beside the one that serves, each with a clock of its
 * own that only this moves: nothing here waits, and no busy machine is late. `null` where the target makes none, or none with a clock.
 */
export const REHEARSE_LIVES = `async (factory) => {
  if (factory.rehearsal === undefined) return null;
  ${HAND_CLOCK}
  ${PLUGGED}
  const stages = [];
  const at = (options) => {
    const { clock, ...time } = handClock();
    const stage = factory.rehearsal({ name: 'rehearsal', emergencyThreshold: false, onError: () => {}, clock, ...options });
    stages.push({ stage, pass: time.pass });
    if (readings > 0) stage.start();
    return { stage, ...time };
  };
  const hang = () => new Promise(() => {});
  const statesOf = (managers) => managers.map((manager) => manager?.state ?? 'refused').join(', ');
  const failure = (error) => error?.code ?? String(error);
  /** What a promise has come to whenever it is looked at: it may never come to anything. */
  const watched = (promise, tell) => {
    const seen = { outcome: 'nothing' };
    promise.then((value) => { seen.outcome = tell(value); }, (error) => { seen.outcome = failure(error); });
    return seen;
  };
  const come = async (stage, user, connection) => {
    const admission = await stage.admit({ user }, connection === undefined ? { withoutConnection: true } : { connection });
    return admission.manager;
  };

  const comings = async () => {
    const { stage, settle, pass } = at({ pendingDeadlineMs: 500 });
    const gone = plug(stage);
    gone.markGone();
    const left = outcomeOf(await stage.admit({ user: 'ada' }, { connection: gone }));
    const connection = plug(stage);
    const manager = await come(stage, 'ada', connection);
    const twice = await stage.admit({ user: 'ada' }, { connection }).then(outcomeOf, failure);
    let attached = 'attached';
    try { manager.attach(gone); } catch (error) { attached = failure(error); }
    const { held } = stage.usage('ada');
    const leaving = plug(stage);
    const meanwhile = watched(stage.admit({ user: 'bob' }, { connection: leaving, init: hang }), outcomeOf);
    await settle();
    leaving.markGone();
    await settle();
    const never = watched(stage.admit({ user: 'eve' }, { connection: plug(stage), init: hang }), outcomeOf);
    await pass(600);
    return { left, twice, attached, held, meanwhile: meanwhile.outcome, never: never.outcome };
  };

  const sharing = async () => {
    const { stage, pass, settle } = at({ releaseGraceMs: 60, maxConnectionsPerManager: 5 });
    const connectionsTold = () => {
      const { connections, withoutConnection } = stage.stats();
      return connections + ' ' + withoutConnection;
    };
    connectionsTold();
    const [one, other] = [plug(stage), plug(stage)];
    const both = await come(stage, 'ada', one);
    both.attach(other);
    one.markGone();
    await pass(100);
    const withOne = both.state + ', ' + both.connectionCount + ', ' + connectionsTold();
    other.end('client-close');
    await pass(40);
    // Who has ended says so once more, and its socket goes: the time is that of the first word.
    other.end('client-close');
    other.markGone();
    const inGrace = connectionsTold();
    await pass(30);
    const withNone = inGrace + ', ' + both.state;
    const first = plug(stage);
    const back = await come(stage, 'bob', first);
    first.markGone();
    await pass(30);
    back.attach(plug(stage));
    await pass(100);
    const closing = await come(stage, 'eve', plug(stage));
    void closing.close();
    await settle();
    return { withOne, withNone, back: back.state, closed: closing.state, connectionsOfClosed: closing.connectionCount };
  };

  const figures = async () => {
    const { stage, pass, settle } = at({
      statsTopUsers: 2, heartbeatIntervalMs: 1000, cleanupDeadlineMs: 100, closeHandshakeMs: 20, finalizerHoldMs: 10,
    });
    const told = {};
    const tell = (when) => {
      const { active, pending, closing, connections, withoutConnection } = stage.stats();
      told[when] = [active, pending, closing, connections, withoutConnection].join(' ');
    };
    const mute = await come(stage, 'ada', plug(stage, { close() {} }));
    void mute.close();
    tell('one that does not answer our close');
    await pass(50);
    tell('it was cut off');
    const { stuckClosing } = stage.stats().liveness;
    const leaving = plug(stage);
    void stage.admit({ user: 'ada' }, { connection: leaving, init: hang });
    await settle();
    tell('one in its init');
    leaving.markGone();
    await settle();
    tell('it left');
    const bare = await come(stage, 'ada');
    tell('one without a socket');
    const end = watched(bare.destroy('rehearsed'), ({ reason }) => reason);
    await settle();
    tell('it was closed');
    const owner = await come(stage, 'ada', plug(stage));
    owner.defer(hang);
    tell('one with a socket');
    void owner.close();
    await settle();
    tell('its socket is gone, its finalizer hangs');
    await pass(150);
    tell('its deadline is over');
    const stubborn = await come(stage, 'ada', plug(stage, { close() {}, destroy() {} }));
    void stubborn.close();
    await pass(150);
    tell('one whose socket outlives its deadline');
    const socketsTimed = stage.stats().cleanup.socketGone.count;
    await Promise.all(['bob', 'eve', 'eve', 'joe', 'joe', 'joe'].map((user) => come(stage, user, plug(stage))));
    const largest = stage.stats().perUser.map(({ user, held }) => user + ' ' + held).join(', ');
    await pass(1200);
    const { asked } = stage.stats().liveness;
    return { told, reported: end.outcome, stuckClosing, socketsTimed, asked, largest };
  };

  const suspicions = async () => {
    const { stage, pass, settle, stall } = at({ cleanupDeadlineMs: 100, closeHandshakeMs: 20, finalizerHoldMs: 10 });
    const standing = () => {
      const { standingByKind } = stage.stats().suspicions;
      return Object.entries(standingByKind).map(([kind, count]) => kind + ' ' + count).sort().join(', ');
    };
    const ends = [];
    const late = () => new Promise((resolve) => { ends.push(resolve); });
    const manager = await come(stage, 'ada');
    manager.defer(late);
    void manager.run(late);
    void manager.destroy();
    const before = standing();
    await pass(200);
    const overdue = standing();
    for (const end of ends) end();
    await settle();
    const { recovered } = stage.stats().suspicions;
    const after = standing();
    const hung = await come(stage, 'bob', plug(stage, { close() {} }));
    const report = watched(hung.close(), ({ eventLoopStalledMs }) => eventLoopStalledMs >= 250);
    stall(300);
    await pass(200);
    return { before, overdue, after, recovered, toldStall: report.outcome };
  };

  const emergencies = async () => {
    const { stage, settle } = at({ releaseGraceMs: 10000 });
    const [atWork, gone] = [plug(stage), plug(stage)];
    const working = await come(stage, 'ada', atWork);
    working.run(hang).catch(() => {});
    const idle = await come(stage, 'ada', gone);
    atWork.markGone();
    gone.markGone();
    const dead = watched(stage.runEmergencyCleanup('ada', { level: 'conservative', needed: 0 }), ({ removed }) => removed.dead);
    await settle();
    return { dead: dead.outcome, states: statesOf([working, idle]) };
  };

  const questions = async () => {
    const { stage, pass, settle, stall, arrive } = at({ heartbeatIntervalMs: 1000, probeTimeoutMs: 20 });
    let onPing = () => {};
    let pings = 0;
    const connection = plug(stage, { ping: () => { pings += 1; onPing(); } });
    const manager = await come(stage, 'bob', connection);
    const ask = async (whenAsked, meanwhile) => {
      await pass(1100);
      const before = pings;
      onPing = whenAsked;
      const run = watched(stage.runEmergencyCleanup('bob'), ({ asked, answered }) => asked + ' asked, ' + answered + ' answered');
      await meanwhile();
      onPing = () => {};
      connection.inbound();
      return run.outcome + ', ' + (pings - before) + ' pings, ' + manager.state;
    };
    const inTheLastTurn = await ask(() => {
      stall(3);
      arrive(() => connection.inbound());
    }, () => pass(40));
    const isSliceTold = stage.stats().liveness.longestSliceMs >= 3;
    let isLate = true;
    const afterStall = await ask(() => { if (!isLate) connection.inbound(); }, async () => {
      await settle();
      isLate = false;
      stall(400);
      await pass(60);
    });
    await pass(1100);
    const last = watched(stage.runEmergencyCleanup('bob'), () => 'ended');
    await settle();
    void stage.close();
    await pass(40);
    return { inTheLastTurn, isSliceTold, afterStall, whileClosing: last.outcome };
  };

  const uses = async () => {
    const { stage, pass } = at({ maxManagersPerUser: 3, onLimit: 'evict-idle', evictIdleAfterMs: 150 });
    const [pinging, talking] = [plug(stage), plug(stage)];
    const worked = await come(stage, 'ada', plug(stage));
    const talks = await come(stage, 'ada', talking);
    const answers = await come(stage, 'ada', pinging);
    await pass(100);
    await worked.run(() => {});
    talking.used();
    pinging.inbound();
    await pass(60);
    const fourth = outcomeOf(await stage.admit({ user: 'ada' }, { connection: plug(stage) }));
    await pass(10);
    return { fourth, states: statesOf([worked, talks, answers]) };
  };

  const ends = async () => {
    const { stage, pass, settle } = at({ maxManagersPerAddress: 1 });
    const from = { user: 'ada', remoteAddress: '203.0.113.7' };
    const first = await stage.admit(from, { withoutConnection: true });
    first.manager.defer(() => {});
    const report = watched(first.manager.close(), ({ finalizersRun }) => finalizersRun + ' run');
    await settle();
    const atOnce = first.manager.state + ', ' + report.outcome;
    const again = outcomeOf(await stage.admit(from, { withoutConnection: true }));
    const living = await come(stage, 'bob');
    const scope = living.child();
    // More than can be held back one after another before the deadline.
    for (let number = 1; number <= 8; number += 1) scope.defer(hang);
    const closed = watched(scope.close(), ({ finalizersRun, overdue }) => finalizersRun + ' run, ' + overdue.length + ' overdue');
    await pass(600);
    return { atOnce, again, scope: closed.outcome, living: living.state };
  };

  try {
    at({});
    // What takes no clock would be waited for in vain.
    if (readings === 0) return null;
    const lives = { comings, sharing, figures, suspicions, emergencies, questions, uses, ends };
    const seen = { failed: {} };
    for (const [name, live] of Object.entries(lives)) {
      try {
        seen[name] = await live();
      } catch (error) {
        seen.failed[name] = failure(error);
      }
    }
    return seen;
  } finally {
    for (const { stage, pass } of stages) {
      Promise.resolve(stage.close()).catch(() => {});
      await pass(700);
    }
  }
}`;
