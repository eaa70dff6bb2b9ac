import type { ReleaseReport, UserUsage } from '@watertight/server';
import type { Entry } from '../shared/crowd.ts';
import type { Half } from './cast.ts';
import { lookAtLate, type LateSeen } from './late.ts';
import { startAndAnswer } from './late-answerers.ts';
import { lookAt, type LivingSeen } from './living.ts';
import type { Stage } from './stage.ts';
import { poll, withinMs } from '../../evidence/poll.ts';

/** A deadline for attaching a socket that is further away is not waited for. */
const LONGEST_WAIT_MS = 5_000;

/** What became of a user half of whose clients went silent. */
export interface HalfSeen {
  /** Milliseconds from the trigger until the server let go, one per silent client; `Infinity` when it did not. */
  readonly goneMs: readonly number[];
  readonly answering: number;
  readonly livingGone: number;
  readonly usage: UserUsage | undefined;
}

/** The next admission of a user at the threshold. */
export async function triggerByAdmission(stage: Stage): Promise<{
  readonly entry: Entry;
  readonly lateMs: number;
  readonly answeredMs: number;
  readonly seen: HalfSeen;
  readonly late: LateSeen;
}> {
  const { triggered, silentAtMs } = stage.cast;
  const startedAtMs = performance.now();
  const entering = stage.crowd.enter(triggered.user);
  const begun = await startAndAnswer(triggered.late, stage.rules, () => entering);
  const entry = await entering;
  // The admission does not wait for the cleanup, which may go on for as long as it waits for answers.
  const answeredMs = performance.now() - silentAtMs + stage.rules.probeTimeoutMs;
  const seen = await watchHalf(stage, triggered, startedAtMs);
  const late = await lookAtLate(stage.context, triggered, begun);
  return { entry, lateMs: startedAtMs - silentAtMs, answeredMs, seen, late };
}

export interface ByHand {
  /** The run was over before we gave up. */
  readonly isAnswered: boolean;
  readonly removed: number;
  readonly asked: number;
  readonly answered: number;
  /** Milliseconds from when the silent fell silent until the run was over. */
  readonly answeredMs: number;
  readonly seen: HalfSeen;
  readonly late: LateSeen;
  /** Runs shown as running while this one was under way. */
  readonly runningSeen: number;
}

export async function triggerByHand(stage: Stage): Promise<ByHand | undefined> {
  const factory = stage.context.inside?.factory;
  if (factory === undefined) return undefined;
  const { byHand } = stage.cast;
  const startedAtMs = performance.now();
  const run = factory.runEmergencyCleanup(byHand.user);
  // Awaited when it has been seen to begin; a failure must not be unhandled until then.
  void run.catch(() => undefined);
  let runningSeen = 0;
  // Whoever is asked after it in the target is asked when it has begun.
  const begun = await startAndAnswer(byHand.late, stage.rules, async () => {
    runningSeen = (await factory.stats()).emergency.running;
  });
  const report = await withinMs(run, 2 * (stage.rules.probeTimeoutMs + stage.rules.deadlineMs));
  const { removed, asked, answered } = report ?? { removed: 0, asked: 0, answered: 0 };
  const answeredMs = performance.now() - stage.cast.silentAtMs;
  const seen = await watchHalf(stage, byHand, startedAtMs);
  const late = await lookAtLate(stage.context, byHand, begun);
  return { isAnswered: report !== undefined, removed, asked, answered, answeredMs, seen, late, runningSeen };
}

async function watchHalf({ context, rules }: Stage, half: Half, startedAtMs: number): Promise<HalfSeen> {
  const patienceMs = (): number =>
    Math.max(0, startedAtMs + rules.probeTimeoutMs + rules.deadlineMs - performance.now());
  const goneMs = await Promise.all(
    half.silent.map(async (client) => {
      const seen = await client.gone(patienceMs());
      return seen === undefined ? Infinity : seen.atMs - startedAtMs;
    }),
  );
  return { goneMs, ...(await lookAt(context, half.user, half.living)) };
}

export interface BurstSeen {
  readonly entry: Entry;
  readonly tookMs: number;
  /** Milliseconds from when the silent fell silent. */
  readonly answeredMs: number;
}

/** One attempt more of a user at the limit, all of whose clients are silent: the attempt waits for the cleanup. */
export async function knockAtTheLimit({ crowd, cast }: Stage): Promise<BurstSeen> {
  const startedAtMs = performance.now();
  const entry = await crowd.enter(cast.burst.user);
  const nowMs = performance.now();
  return { entry, tookMs: nowMs - startedAtMs, answeredMs: nowMs - cast.silentAtMs };
}

export interface CalmSeen {
  /** Of everybody let in, how many should be there, and are. */
  readonly clients: number;
  readonly living: LivingSeen;
  readonly pending: number;
  /** Why nobody is pending who should be. */
  readonly pendingRefused: string | undefined;
  /** How long everybody took to come in. */
  readonly tookMs: number;
  /** The attempt above the limit, and what is there after it. */
  readonly above: Entry;
  readonly atLimit: LivingSeen;
  readonly atLimitCount: number;
}

/** A user at the threshold of whom nobody is silent: one is pending, the others quiet. */
export async function staysCalm({ context, crowd, rules, cast }: Stage): Promise<CalmSeen> {
  const { user } = cast.calm;
  const factory = context.inside?.factory;
  const clients = [...cast.calm.clients];
  const startedAtMs = performance.now();
  let pending = 0;
  let pendingRefused: string | undefined;
  if (factory !== undefined && rules.pendingDeadlineMs !== undefined) {
    const admission = await factory.admitUnattached(user);
    if ('id' in admission) pending = 1;
    else pendingRefused = admission.refused;
  } else {
    clients.push(...(await crowd.fill(user, 1)));
  }
  const entry = await crowd.enter(user);
  if (entry.admitted) clients.push(entry.client);
  if (factory !== undefined) {
    await poll(
      () => factory.stats(),
      ({ emergency }) => emergency.running === 0,
      { deadlineMs: rules.probeTimeoutMs + rules.deadlineMs, signal: context.signal },
    );
  }
  const living = await lookAt(context, user, clients);
  const more = await crowd.fill(user, rules.limit - clients.length - pending);
  const above = await crowd.enter(user);
  const tookMs = performance.now() - startedAtMs;
  const all = [...clients, ...more];
  return {
    clients: clients.length,
    living,
    pending,
    pendingRefused,
    tookMs,
    above,
    atLimit: await lookAt(context, user, all),
    atLimitCount: all.length,
  };
}

/** The reason that `closeAllForUser` is given here; every report has to repeat it. */
export const CLOSE_ALL_REASON = 'closing-all';

export interface ClosedSeen {
  readonly user: string;
  readonly sockets: number;
  readonly codes: readonly (number | undefined)[];
  readonly gone: number;
  readonly reports: readonly ReleaseReport[];
  /** When the call had resolved; 0 when it did not. */
  readonly heldWhenAnswered: number;
  readonly held: number;
}

/** Everybody of a user, old and just come, is closed by hand. */
export async function closeEverybody({ context, crowd, rules, cast }: Stage): Promise<ClosedSeen | undefined> {
  const factory = context.inside?.factory;
  if (factory === undefined) return undefined;
  const { user } = cast.closed;
  const clients = [...cast.closed.clients, ...(await crowd.fill(user, cast.closed.clients.length))];
  const answer = await withinMs(factory.closeAllForUser(user, CLOSE_ALL_REASON), 2 * rules.deadlineMs);
  const reports = answer ?? [];
  const heldWhenAnswered = answer === undefined ? 0 : (await factory.usage(user)).held;
  const gone = await Promise.all(clients.map((client) => client.gone(rules.deadlineMs)));
  const { last } = await poll(
    () => clients.map((client) => client.closedByServer?.code),
    (codes) => codes.every((code) => code !== undefined),
    { deadlineMs: rules.deadlineMs, signal: context.signal },
  );
  const { held } = await factory.usage(user);
  return {
    user,
    sockets: clients.length,
    codes: last,
    gone: gone.filter((seen) => seen !== undefined).length,
    reports,
    heldWhenAnswered,
    held,
  };
}

/** Past its deadline one without a socket goes by itself: nobody asks for a cleanup. */
export async function outliveDeadline({
  context,
  rules,
  cast,
}: Stage): Promise<{ readonly held: number; readonly heldMs: number } | undefined> {
  const factory = context.inside?.factory;
  const { unattached } = cast;
  if (factory === undefined || unattached === undefined || rules.pendingDeadlineMs === undefined) return undefined;
  const dueMs = unattached.sinceMs + rules.pendingDeadlineMs + 100;
  if (dueMs - performance.now() > LONGEST_WAIT_MS) {
    const { held } = await factory.usage(unattached.user);
    return { held, heldMs: performance.now() - unattached.sinceMs };
  }
  const look = (): Promise<UserUsage> => factory.usage(unattached.user);
  const isGone = (usage: UserUsage): boolean => usage.held === 0;
  const { last } = await poll(look, isGone, {
    deadlineMs: Math.max(0, dueMs - performance.now()) + rules.deadlineMs,
    everyMs: 50,
    signal: context.signal,
  });
  return { held: last.held, heldMs: performance.now() - unattached.sinceMs };
}
