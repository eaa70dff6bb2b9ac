/**
 * What is tried inside a target on a factory beside the one that serves, as JavaScript source; `null` where the target's factory makes
 * none. Each closes its factory again.
 */

/** See `InsideFactory.rehearseDrain`. */
export const REHEARSE_DRAIN = `async (factory, patienceMs) => {
  if (factory.rehearsal === undefined) return null;
  const stage = factory.rehearsal({ name: 'rehearsal', cleanupDeadlineMs: 100, closeHandshakeMs: 40, finalizerHoldMs: 20 });
  stage.start();
  let finalized = 0;
  const gentle = factory.rehearsal({ name: 'rehearsal', cleanupDeadlineMs: 100, closeHandshakeMs: 40, finalizerHoldMs: 20 });
  gentle.start();
  /** Everybody has something to send for a while, and needs a moment for its end. */
  const drainGently = async () => {
    let unsentBytes = 500;
    let unsentAtClose = 0;
    let lastMs = 0;
    let beganAtMs = 0;
    for (const user of ['ada', 'bob', 'eve', 'joe']) {
      const connection = gentle.connect({
        ping() {},
        close: () => {
          lastMs = performance.now() - beganAtMs;
          if (unsentBytes > 0) unsentAtClose += 1;
          connection.markGone();
        },
        destroy: () => connection.markGone(),
        unsentBytes: () => unsentBytes,
      });
      const admission = await gentle.admit({ user }, { connection });
      if (!admission.admitted) throw new Error('the rehearsal did not admit ' + user + ': ' + admission.reason);
      admission.manager.defer(() => new Promise((resolve) => setTimeout(resolve, 15)));
    }
    beganAtMs = performance.now();
    setTimeout(() => { unsentBytes = 0; }, 150);
    let leftAtLast = null;
    const closeLast = () => {
      const { active, pending, closing } = gentle.stats();
      leftAtLast = active + pending + closing;
    };
    await gentle.drain({ windowMs: 500, closeLast: [closeLast] });
    return { unsentAtClose, lastMs: Math.round(lastMs), leftAtLast };
  };
  try {
    const users = ['ada', 'ada', 'bob', 'eve'];
    const managers = [];
    for (const user of users) {
      const admission = await stage.admit({ user });
      if (!admission.admitted) throw new Error('the rehearsal did not admit ' + user + ': ' + admission.reason);
      admission.manager.defer(() => { finalized += 1; });
      managers.push(admission.manager);
    }
    managers[0].run(() => new Promise(() => {})).catch(() => {});
    const draining = stage.drain({ windowMs: 200 });
    const drainedGently = drainGently();
    drainedGently.catch(() => {});
    const newcomer = await stage.admit({ user: 'zoe' });
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(resolve, patienceMs); });
    const [report, gently] = await Promise.all([draining, drainedGently].map((drained) => Promise.race([drained, late])));
    clearTimeout(timer);
    const { active, pending, closing, released } = stage.stats();
    return {
      managers: users.length,
      newcomer: newcomer.admitted ? 'admitted' : newcomer.reason,
      ended: report !== undefined,
      reported: report === undefined ? 0 : report.closed + report.hardStopped,
      finalized,
      drained: released.byReason.drained ?? 0,
      left: active + pending + closing,
      gently: gently ?? null,
    };
  } finally {
    for (const each of [stage, gentle]) Promise.resolve(each.close()).catch(() => {});
  }
}`;

/** See `InsideFactory.rehearseSending`. */
export const REHEARSE_SENDING = `async (factory) => {
  if (factory.rehearsal === undefined) return null;
  const stageOf = (onSlowConsumer) => {
    const stage = factory.rehearsal({ name: 'rehearsal', maxBufferedBytes: 1000, onSlowConsumer });
    stage.start();
    return stage;
  };
  const asked = [];
  let answer = 'send';
  const onSlowConsumer = ({ unsentBytes, frameBytes }) => {
    asked.push(unsentBytes + ' + ' + frameBytes);
    return answer;
  };
  const [stage, dropping, asking] = ['terminate', 'drop', onSlowConsumer].map(stageOf);
  const client = async (user, unsentBytes, stage) => {
    const connection = stage.connect({
      ping() {},
      close() {},
      destroy: () => connection.markGone(),
      unsentBytes: () => unsentBytes,
    });
    const admission = await stage.admit({ user }, { connection });
    if (!admission.admitted) throw new Error('the rehearsal did not admit ' + user + ': ' + admission.reason);
    return connection;
  };
  try {
    const behind = await client('ada', 600, stage);
    const idle = await client('bob', 0, stage);
    const fits = behind.maySend(400);
    const isOver = behind.maySend(401);
    const isTooLarge = idle.maySend(1001);
    const dropped = await client('ada', 600, dropping);
    const withDrop = [400, 401].map((bytes) => dropped.maySend(bytes)).join(', ');
    const decided = await client('ada', 600, asking);
    const withFunction = [decided.maySend(400)];
    for (answer of ['send', 'drop']) withFunction.push(decided.maySend(401));
    const heldThen = asking.stats().active;
    answer = 'terminate';
    withFunction.push(decided.maySend(401));
    const released = (of) => of.stats().released.byReason['slow-consumer'] ?? 0;
    const isDone = () => released(stage) === 2 && released(asking) === 1;
    for (let turn = 0; turn < 40 && !isDone(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    return {
      fits, isOver, isTooLarge, held: stage.stats().active, letGo: released(stage),
      dropping: { sent: withDrop, held: dropping.stats().active, told: dropping.stats().slowConsumers.framesDropped },
      asking: { sent: withFunction.join(', '), asked: asked.join(', '), held: heldThen, letGo: released(asking) },
    };
  } finally {
    for (const each of [stage, dropping, asking]) Promise.resolve(each.close()).catch(() => {});
  }
}`;

/** See `InsideFactory.rehearseDoors`. */
export const REHEARSE_DOORS = `async (factory) => {
  if (factory.rehearsal === undefined) return null;
  const stages = [];
  const stageOf = (options) => {
    const stage = factory.rehearsal({ name: 'rehearsal', maxManagersPerUser: 20, probeTimeoutMs: 20, ...options });
    stage.start();
    stages.push(stage);
    return stage;
  };
  const outcomeOf = (admission) => (admission.admitted ? 'admitted' : admission.reason);
  const all = async (stage, requests) => (await Promise.all(requests.map((request) => stage.admit(request)))).map(outcomeOf).join(', ');
  const rate = async () => {
    const stage = stageOf({ maxConnectsPerSecondPerUser: 10, connectBurstMs: 200 });
    const atOnce = await all(stage, [{ user: 'ada' }, { user: 'ada' }, { user: 'ada' }]);
    await new Promise((resolve) => setTimeout(resolve, 150));
    return { atOnce, later: outcomeOf(await stage.admit({ user: 'ada' })) };
  };
  const eviction = async () => {
    const stage = stageOf({ maxManagersPerUser: 2, onLimit: 'evict-oldest' });
    const [first, second, third] = [await stage.admit({ user: 'ada' }), await stage.admit({ user: 'ada' }), await stage.admit({ user: 'ada' })];
    for (let turn = 0; turn < 40 && first.manager?.state === 'closing'; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    const { released } = stage.stats();
    return {
      newcomer: outcomeOf(third),
      oldest: first.manager?.state ?? 'refused',
      other: second.manager?.state ?? 'refused',
      why: Object.keys(released.byReason).join(', '),
    };
  };
  const address = async () => {
    const stage = stageOf({ maxManagersPerAddress: 2 });
    const from = (remoteAddress, index) => ({ user: 'user-' + index, remoteAddress });
    return {
      oneNetwork: await all(stage, ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(from)),
      another: await all(stage, [from('2001:db8:0:1::1', 4)]),
    };
  };
  const load = async () => {
    const stage = stageOf({ maxManagers: 20, overloadThreshold: 0.95 });
    const outcomes = [];
    for (let number = 0; number < 20; number += 1) outcomes.push(outcomeOf(await stage.admit({ user: 'user-' + number })));
    return { admitted: outcomes.filter((outcome) => outcome === 'admitted').length, then: outcomes[19] };
  };
  try {
    const [rated, evicted, fromAddress, loaded] = await Promise.all([rate(), eviction(), address(), load()]);
    return { rate: rated, eviction: evicted, address: fromAddress, load: loaded };
  } finally {
    for (const stage of stages) Promise.resolve(stage.close()).catch(() => {});
  }
}`;
