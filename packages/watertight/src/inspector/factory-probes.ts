import { REHEARSED_FINALIZER } from '../verdict/complaint.ts';

/**
 * What is done inside a target through the public interface of its factory, as JavaScript source. Each runs in one evaluation and
 * leaves nothing behind but what the target itself keeps.
 */

/** Registers a finalizer that never settles with one manager of a user. */
export const HANG_FINALIZER = `(factory, user) => {
  const [manager] = factory.managersOf(user);
  if (manager === undefined) throw new Error('user ' + user + ' holds no manager');
  manager.defer(() => new Promise(() => {}), { name: '${REHEARSED_FINALIZER}' });
  return manager.id;
}`;

/** What is refused or throws is an answer too: it is for a scenario to say whether it should. */
export const ADMIT_UNATTACHED = `async (factory, user) => {
  try {
    const admission = await factory.admit({ user });
    return admission.admitted ? { id: admission.manager.id } : { refused: admission.reason };
  } catch (error) {
    return { refused: String(error) };
  }
}`;

export const RUN_EMERGENCY = `async (factory, user, options) => {
  const report = await factory.runEmergencyCleanup(user ?? undefined, options ?? undefined);
  if (report === undefined) return null;
  const { removed, asked, answered } = report;
  const sum = Object.values(removed).reduce((total, count) => total + count, 0);
  return { removed: sum, byKind: { ...removed }, asked, answered };
}`;

/** See `InsideFactory.admitWithInit`. Whoever is admitted here is ended here. */
export const ADMIT_WITH_INIT = `async (factory, user) => {
  const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const reasonOf = (admission) => admission?.admitted === true ? 'admitted' : admission?.reason ?? 'no answer';
  let initialised = false;
  const waited = await factory.admit({ user }, { init: () => after(20).then(() => { initialised = true; }) });
  const wasInitialised = initialised;
  const failed = await factory.admit({ user }, { init: async () => { await after(1); throw new Error('init of a rehearsal'); } });
  const begun = factory.admit({ user }, { init: () => new Promise(() => {}) });
  await after(1);
  const held = factory.usage(user).held;
  const reports = factory.closeAllForUser(user, 'rehearsal');
  const ended = await begun;
  await reports;
  return {
    waited: reasonOf(waited), wasInitialised, failed: reasonOf(failed), ended: reasonOf(ended), held,
    heldAfter: factory.usage(user).held,
  };
}`;

/** See `InsideFactory.fillProcess`. */
export const FILL_PROCESS = `async (factory, prefix, perUser) => {
  const heldNow = () => { const { active, pending } = factory.stats(); return active + pending; };
  const { maxManagers } = factory.options;
  const before = heldNow();
  const users = new Set();
  let admitted = 0;
  let refusal = null;
  while (refusal === null && admitted <= maxManagers) {
    const some = Array.from({ length: 5 }, (_, index) => prefix + (users.size + index));
    for (const user of some) users.add(user);
    const attempts = some.flatMap((user) => Array.from({ length: perUser }, () => factory.admit({ user })));
    const admissions = await Promise.all(attempts);
    admitted += admissions.filter((admission) => admission.admitted).length;
    refusal = admissions.find((admission) => !admission.admitted)?.reason ?? null;
  }
  const atLimit = heldNow();
  await Promise.all([...users].map((user) => factory.closeAllForUser(user, 'rehearsal')));
  return { before, admitted, refusal, atLimit, after: heldNow() };
}`;

/** See `InsideFactory.overrideLimits`. Whoever is admitted here is ended here. */
export const OVERRIDE_LIMITS = `async (factory, user) => {
  const outcomeOf = (admission) => (admission.admitted ? 'admitted' : admission.reason);
  const come = async () => outcomeOf(await factory.admit({ user }));
  // Where the usual limit is one, a second shows that there is none.
  const stage = factory.rehearsal?.({ name: 'rehearsal', maxManagersPerUser: 1, onError: () => {} });
  // Of this user alone: others may be overridden meanwhile.
  const overrideCount = () => factory.overrides().filter((override) => override.user === user).length;
  try {
    factory.setOverride(user, { maxManagers: 2 });
    const raised = [await come(), await come(), await come()].join(', ');
    factory.setOverride(user, { maxManagers: 0 });
    const banned = await come();
    const heldWhileBanned = factory.usage(user).held;
    factory.clearOverride(user);
    const cleared = await come();
    let endless = null;
    if (stage !== undefined) {
      stage.start();
      stage.setOverride(user, { maxManagers: Infinity });
      endless = [await stage.admit({ user }), await stage.admit({ user })].map(outcomeOf).join(', ');
    }
    return { raised, banned, heldWhileBanned, cleared, overridesLeft: overrideCount(), endless };
  } finally {
    if (stage !== undefined) Promise.resolve(stage.close()).catch(() => {});
    factory.clearOverride(user);
    await factory.closeAllForUser(user, 'rehearsal');
  }
}`;

/** See `InsideFactory.takeSessionOver`. Whoever is admitted here is ended here. */
export const TAKE_SESSION_OVER = `async (factory, user) => {
  const come = async (sessionId) => {
    const admission = await factory.admit({ user, sessionId });
    return admission.admitted ? 'admitted' : admission.reason;
  };
  const reasons = () => factory.stats().released.byReason['taken-over'] ?? 0;
  const before = reasons();
  try {
    factory.setOverride(user, { maxManagers: 1 });
    await come('rehearsal-1');
    const predecessor = factory.managersOf(user)[0];
    const again = await come('rehearsal-1');
    const other = await come('rehearsal-2');
    const held = factory.usage(user).held;
    for (let turn = 0; turn < 50 && predecessor.state !== 'closed'; turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    const first = predecessor.state !== 'closed' ? predecessor.state : reasons() > before ? 'taken-over' : 'closed for another reason';
    return { again, other, held, first };
  } finally {
    factory.clearOverride(user);
    await factory.closeAllForUser(user, 'rehearsal');
  }
}`;

/** See `InsideFactory.startWork`. */
export const START_WORK = `(factory, user) => {
  const manager = factory.managersOf(user).at(-1);
  if (manager === undefined) throw new Error('user ' + user + ' holds no manager');
  const ended = () => new Promise((resolve) => manager.signal.addEventListener('abort', resolve, { once: true }));
  void manager.run(ended).catch(() => {});
  return manager.id;
}`;

/** See `InsideFactory.endWithFinalizers`. */
export const END_WITH_FINALIZERS = `async (factory, user, reason, plans, workMs) => {
  const [manager] = factory.managersOf(user);
  if (manager === undefined) throw new Error('user ' + user + ' holds no manager');
  let endedAtMs = 0;
  const sinceEnd = () => performance.now() - endedAtMs;
  let signalMs = null;
  let workedMs = null;
  manager.signal.addEventListener('abort', () => { signalMs = sinceEnd(); }, { once: true });
  const after = (ms, done) => new Promise((resolve) => setTimeout(() => { done(); resolve(); }, ms));
  // What owns nothing stays so: it has a way out of its own.
  const open = plans.length === 0 ? undefined : manager.child();
  const early = plans.some(({ inScope }) => inScope) ? manager.child() : undefined;
  const finalizers = plans.map(({ name, takesMs, inScope = false, fails = false }) => {
    const seen = { name, startedMs: null, endedMs: null, abortedMs: null };
    const end = () => {
      seen.endedMs = sinceEnd();
      if (fails) throw new Error('a finalizer of a rehearsal');
    };
    (inScope ? early : manager).defer((context) => {
      seen.startedMs = sinceEnd();
      const abort = () => { seen.abortedMs = sinceEnd(); };
      if (context.signal.aborted) abort();
      else context.signal.addEventListener('abort', abort, { once: true });
      if (takesMs === null) return new Promise(() => {});
      return takesMs === 0 ? end() : after(takesMs, end);
    }, { name });
    return seen;
  });
  const work = () => workMs === null ? new Promise(() => {}) : after(workMs, () => { workedMs = sinceEnd(); });
  if (workMs !== 0) void manager.run(work);
  endedAtMs = performance.now();
  void early?.close();
  const reports = await factory.closeAllForUser(user, reason);
  const report = reports.find(({ managerId }) => managerId === manager.id) ?? null;
  const refuses = (owner) => {
    let isDisposed = false;
    try {
      owner.defer(() => { isDisposed = true; });
      return false;
    } catch {
      return isDisposed;
    }
  };
  const refusesMore = refuses(manager) && (open === undefined || refuses(open));
  return { report, state: manager.state, signalMs, workedMs, finalizers, refusesMore };
}`;

/** See `InsideFactory.closeTwice`. */
export const CLOSE_TWICE = `async (factory, user, reason) => {
  for (const manager of factory.managersOf(user)) manager.defer(() => new Promise(() => {}), { name: '${REHEARSED_FINALIZER}' });
  const first = factory.closeAllForUser(user, reason);
  const { held, closing } = factory.usage(user);
  const [one, other] = await Promise.all([first, factory.closeAllForUser(user, reason)]);
  return { held, closing, first: [...one], second: [...other] };
}`;

/** Makes what `InsideFactory.hear` holds on to: what was heard so far, and how to hear no more. */
export function hearing(channels: readonly string[], factoryName: string): string {
  return `(() => {
    const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');
    const heard = [];
    const listen = (message, channel) => {
      const { factory, error, ...rest } = message;
      if (factory !== ${JSON.stringify(factoryName)}) return;
      heard.push({ channel, ...rest, ...(error === undefined ? undefined : { error: String(error) }) });
    };
    const channels = ${JSON.stringify(channels)};
    for (const channel of channels) subscribe(channel, listen);
    return { heard, stop: () => { for (const channel of channels) unsubscribe(channel, listen); } };
  })()`;
}
