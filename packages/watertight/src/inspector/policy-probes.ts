/** See `InsideFactory.rehearsePolicies`; JavaScript that runs in the target, on factories beside the one that serves. `null` where it makes none. */
export const REHEARSE_POLICIES = `async (factory) => {
  if (factory.rehearsal === undefined) return null;
  const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const stages = [];
  const stageOf = (options) => {
    const stage = factory.rehearsal({ name: 'rehearsal', maxManagersPerUser: 20, probeTimeoutMs: 20, onError: () => {}, ...options });
    stage.start();
    stages.push(stage);
    return stage;
  };
  const outcomeOf = (admission) => (admission.admitted ? 'admitted' : admission.reason);
  const statesOf = (admissions) => admissions.map(({ manager }) => manager?.state ?? 'refused').join(', ');
  const reasonsOf = (stage) => Object.keys(stage.stats().released.byReason).join(', ');
  const closed = async (managers) => {
    for (let turn = 0; turn < 40 && managers.some((it) => it?.state === 'closing'); turn += 1) await after(5);
  };

  const arrivals = async () => {
    const stage = stageOf({ maxConnectsPerSecondPerAddress: 10, maxConnectsPerSecond: 25, connectBurstMs: 200 });
    const from = (last, index) => ({ user: 'user-' + index, remoteAddress: '203.0.113.' + last });
    const outcomes = (await Promise.all([1, 1, 1, 1, 1, 2, 3, 4, 5].map(from).map((request) => stage.admit(request)))).map(outcomeOf);
    await after(150);
    const later = outcomeOf(await stage.admit(from(1, 9)));
    return { ofOne: outcomes.slice(0, 5).join(', '), ofOthers: outcomes.slice(5).join(', '), later };
  };

  const AFTER_MS = 150;
  const idleOnce = async () => {
    const stage = stageOf({ maxManagersPerUser: 2, onLimit: 'evict-idle', evictIdleAfterMs: AFTER_MS });
    const beganAt = performance.now();
    const first = await stage.admit({ user: 'ada' });
    first.manager?.run(() => new Promise(() => {})).catch(() => {});
    const second = await stage.admit({ user: 'ada' });
    const atOnce = await stage.admit({ user: 'ada' });
    const isInTime = performance.now() - beganAt < AFTER_MS;
    await after(AFTER_MS + 20);
    const later = await stage.admit({ user: 'ada' });
    await closed([first.manager, second.manager]);
    return { isInTime, seen: { atOnce: outcomeOf(atOnce), later: outcomeOf(later), states: statesOf([first, second]), why: reasonsOf(stage) } };
  };
  const idle = async () => {
    for (let round = 1; ; round += 1) {
      const { isInTime, seen } = await idleOnce();
      if (isInTime || round === 5) return seen;
    }
  };

  const decided = async () => {
    const onLimit = async ({ candidates }) => {
      await after(10);
      return { evict: candidates[1].managerId };
    };
    const stage = stageOf({ maxManagersPerUser: 2, onLimit });
    const [first, second, third] = [await stage.admit({ user: 'ada' }), await stage.admit({ user: 'ada' }), await stage.admit({ user: 'ada' })];
    await closed([first.manager, second.manager]);
    const hanging = stageOf({ maxManagersPerUser: 1, onLimit: () => new Promise(() => {}), onLimitTimeoutMs: 50 });
    await hanging.admit({ user: 'ada' });
    const answer = hanging.admit({ user: 'ada' }).then(outcomeOf);
    const hung = await Promise.race([answer, after(500).then(() => 'never answered')]);
    return { newcomer: outcomeOf(third), states: statesOf([first, second]), why: reasonsOf(stage), hung };
  };

  const pressed = async (gauge, bounds) => {
    let value = 0;
    let looks = 0;
    const readGauges = () => {
      looks += 1;
      return { heapUsedBytes: 0, eventLoopDelayMs: 0, [gauge]: value };
    };
    const stage = stageOf({ maxManagers: 1000, overloadThreshold: 0.95, pressureIntervalMs: 10, readGauges, ...bounds });
    const outcomes = [];
    for (value of [960, 920, 500]) {
      const seen = looks;
      for (let turn = 0; turn < 60 && looks < seen + 2; turn += 1) await after(5);
      outcomes.push(outcomeOf(await stage.admit({ user: 'user-' + value })));
    }
    return outcomes.join(', ');
  };

  try {
    const [arrived, evicted, chosen, heap, eventLoop] = await Promise.all([
      arrivals(),
      idle(),
      decided(),
      pressed('heapUsedBytes', { maxHeapBytes: 1000 }),
      pressed('eventLoopDelayMs', { maxEventLoopDelayMs: 1000 }),
    ]);
    return { arrivals: arrived, idle: evicted, decided: chosen, heap, eventLoop };
  } finally {
    for (const stage of stages) Promise.resolve(stage.close()).catch(() => {});
  }
}`;
