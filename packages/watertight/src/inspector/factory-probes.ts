/**
 * What is done inside a target through the public interface of its factory, as JavaScript source. Each runs in one evaluation and
 * leaves nothing behind but what the target itself keeps.
 */

/** Registers a finalizer that never settles with one manager of a user. */
export const HANG_FINALIZER = `(factory, user) => {
  const [manager] = factory.managersOf(user);
  if (manager === undefined) throw new Error('user ' + user + ' holds no manager');
  manager.defer(() => new Promise(() => {}));
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
  const finalizers = plans.map(({ name, takesMs }) => {
    const seen = { name, startedMs: null, endedMs: null, abortedMs: null };
    const end = () => { seen.endedMs = sinceEnd(); };
    manager.defer((context) => {
      seen.startedMs = sinceEnd();
      const abort = () => { seen.abortedMs = sinceEnd(); };
      if (context.signal.aborted) abort();
      else context.signal.addEventListener('abort', abort, { once: true });
      if (takesMs === null) return new Promise(() => {});
      return takesMs === 0 ? end() : after(takesMs, end);
    }, { name });
    return seen;
  });
  if (workMs > 0) void manager.run(() => after(workMs, () => { workedMs = sinceEnd(); }));
  endedAtMs = performance.now();
  const reports = await factory.closeAllForUser(user, reason);
  const report = reports.find(({ managerId }) => managerId === manager.id) ?? null;
  return { report, state: manager.state, signalMs, workedMs, finalizers };
}`;

/** See `InsideFactory.closeTwice`. */
export const CLOSE_TWICE = `async (factory, user, reason) => {
  for (const manager of factory.managersOf(user)) manager.defer(() => new Promise(() => {}));
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
