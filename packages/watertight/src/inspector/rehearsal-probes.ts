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
    const newcomer = await stage.admit({ user: 'zoe' });
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(resolve, patienceMs); });
    const report = await Promise.race([draining, late]);
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
    };
  } finally {
    Promise.resolve(stage.close()).catch(() => {});
  }
}`;

/** See `InsideFactory.rehearseSending`. */
export const REHEARSE_SENDING = `async (factory) => {
  if (factory.rehearsal === undefined) return null;
  const stage = factory.rehearsal({ name: 'rehearsal', maxBufferedBytes: 1000, onSlowConsumer: 'terminate' });
  stage.start();
  const client = async (user, unsentBytes) => {
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
    const behind = await client('ada', 600);
    const idle = await client('bob', 0);
    const fits = behind.maySend(400);
    const isOver = behind.maySend(401);
    const isTooLarge = idle.maySend(1001);
    const isDone = () => Object.values(stage.stats().released.byReason).reduce((sum, count) => sum + count, 0) === 2;
    for (let turn = 0; turn < 40 && !isDone(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    const { active, released } = stage.stats();
    return { fits, isOver, isTooLarge, held: active, letGo: released.byReason['slow-consumer'] ?? 0 };
  } finally {
    Promise.resolve(stage.close()).catch(() => {});
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
