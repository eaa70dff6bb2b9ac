import { HAND_CLOCK } from './hand-clock-probe.ts';
import { PLUGGED } from './plugged-probe.ts';

/** See `InsideFactory.rehearseBounds`; JavaScript that runs in the target, on factories beside the one that serves, with a clock that is moved where they take one. `null` where it makes none. */
export const REHEARSE_BOUNDS = `async (factory) => {
  if (factory.rehearsal === undefined) return null;
  ${HAND_CLOCK}
  ${PLUGGED}
  const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const stages = [];
  /** Where a factory takes a clock nothing here waits, and no busy machine is late. */
  const at = (options) => {
    const before = readings;
    const hand = handClock();
    const stage = factory.rehearsal({
      name: 'rehearsal', maxManagersPerUser: 20, heartbeatIntervalMs: 5000, probeTimeoutMs: 20, onError: () => {}, clock: hand.clock,
      ...options,
    });
    stage.start();
    const isMoved = readings > before;
    const nowMs = isMoved ? hand.clock.now : () => performance.now();
    const pass = isMoved ? hand.pass : after;
    stages.push({ stage, end: isMoved ? () => pass(700) : () => undefined });
    const until = async (isSo, atMostMs) => {
      const endsAtMs = nowMs() + atMostMs;
      while (!isSo() && nowMs() < endsAtMs) await pass(5);
    };
    return { stage, pass, until, nowMs };
  };
  const come = (stage, user, connection) => stage.admit({ user }, { connection });
  const stateOf = ({ manager }) => manager?.state ?? 'refused';
  const statesOf = (admissions) => admissions.map(stateOf).join(', ');
  const reasonsOf = (stage) => Object.entries(stage.stats().released.byReason).map(([reason, count]) => count + ' ' + reason).join(', ');
  const areSettled = (admissions) => () => admissions.every((it) => stateOf(it) !== 'closing');

  const IDLE_MS = 1600;
  const shedOnce = async () => {
    let heapUsedBytes = 0;
    const { stage, pass, until, nowMs } = at({
      maxHeapBytes: 1000, readGauges: () => ({ heapUsedBytes, eventLoopDelayMs: 0 }), pressureIntervalMs: 10, idleTimeoutMs: IDLE_MS,
      emergencyThreshold: 0.5, emergencyExitThreshold: 0.4, overloadThreshold: 0.95,
    });
    const beganAtMs = nowMs();
    const only = await come(stage, 'ada', plug(stage));
    const two = [await come(stage, 'bob', plug(stage)), await come(stage, 'bob', plug(stage))];
    const all = [only, ...two];
    heapUsedBytes = 940;
    await until(() => two.some((it) => stateOf(it) !== 'active'), IDLE_MS / 2);
    // Two more looks, for whoever should not have gone.
    await pass(IDLE_MS / 8);
    await until(areSettled(all), 200);
    const pressed = stateOf(only) + ' of one; ' + two.map(stateOf).sort().join(' and ') + ' of two';
    const isInTime = nowMs() - beganAtMs < IDLE_MS;
    heapUsedBytes = 990;
    await until(() => all.every((it) => stateOf(it) === 'closed'), IDLE_MS / 4);
    return { isInTime, seen: { pressed, overloaded: statesOf(all), why: reasonsOf(stage) } };
  };
  const shed = async () => {
    for (let round = 1; ; round += 1) {
      const { isInTime, seen } = await shedOnce();
      if (isInTime || round === 3) return seen;
    }
  };

  const rescue = async () => {
    const { stage, pass, until } = at({ maxManagersPerUser: 3, onLimit: 'evict-oldest', heartbeatIntervalMs: 100, heartbeatMisses: 100 });
    const answering = () => {
      const connection = plug(stage, { ping: () => connection.inbound() });
      return connection;
    };
    const first = await come(stage, 'ada', answering());
    const mute = await come(stage, 'ada', plug(stage));
    const third = await come(stage, 'ada', answering());
    await pass(130);
    let fourth = 'not answered';
    void come(stage, 'ada', answering()).then((admission) => { fourth = outcomeOf(admission); });
    await until(() => fourth !== 'not answered', 1000);
    await until(areSettled([first, mute, third]), 200);
    return { fourth, states: statesOf([first, mute, third]), why: reasonsOf(stage) };
  };

  const goodbye = async () => {
    const { stage, until } = at({});
    const heard = [];
    const connection = plug(stage, { close: (code, reason) => { heard.push(String(reason)); connection.markGone(); } });
    await come(stage, 'ada', connection);
    // The room of a close frame ends within a character, and that character within a surrogate pair.
    const given = 'the server is moved, ' + '\\u{1f512}'.repeat(40);
    const closing = stage.closeAllForUser('ada', given);
    await until(() => heard.length > 0, 500);
    closing.catch(() => {});
    const [reason = ''] = heard;
    const text = Buffer.from(reason).toString();
    return { times: heard.length, bytes: Buffer.byteLength(reason), isBeginning: text === reason && given.startsWith(text) };
  };

  const watch = async () => {
    const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');
    const name = 'rehearsal of ' + factory.name;
    const heard = [];
    const listen = ({ factory: of, suspicion }, channel) => {
      if (of === name) heard.push(String(channel).split(':').at(-1) + ' ' + suspicion.kind);
    };
    const channels = ['watertight:leak:suspected', 'watertight:leak:recovered'];
    for (const channel of channels) subscribe(channel, listen);
    try {
      const { stage, until } = at({ name, warnAfterMs: 80 });
      await come(stage, 'ada', plug(stage));
      await until(() => heard.length > 0, 600);
      const meanwhile = heard.join(', ');
      const { standing } = stage.stats().suspicions;
      stage.closeAllForUser('ada', 'rehearsal').catch(() => {});
      await until(() => heard.length > 1, 400);
      return { meanwhile, standing, then: heard.join(', '), left: stage.stats().suspicions.standing };
    } finally {
      for (const channel of channels) unsubscribe(channel, listen);
    }
  };

  try {
    const [shedding, rescued, goodbyes, watched] = await Promise.all([shed(), rescue(), goodbye(), watch()]);
    return { shed: shedding, rescue: rescued, goodbye: goodbyes, watch: watched };
  } finally {
    for (const { stage, end } of stages) {
      Promise.resolve(stage.close()).catch(() => {});
      await end();
    }
  }
}`;
