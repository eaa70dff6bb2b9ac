import type { FactoryStats } from '@watertight/server';
import {
  closeEverybody,
  knockAtTheLimit,
  lookAt,
  outliveDeadline,
  staysCalm,
  triggerByAdmission,
  triggerByHand,
  type BurstSeen,
  type ByHand,
  type CalmSeen,
  type ClosedSeen,
  type HalfSeen,
  type LivingSeen,
  type Stage,
} from './emergency-acts.ts';
import { poll } from './poll.ts';
import type { Entry } from './crowd.ts';

/** Everything seen in one play. */
export interface Play {
  readonly before: FactoryStats | undefined;
  readonly after: FactoryStats | undefined;
  readonly entry: Entry;
  readonly lateMs: number;
  /** The trigger came when ordinary removal could already have begun: nothing can be told apart. */
  readonly isSpoilt: boolean;
  readonly triggered: HalfSeen;
  readonly byHand: ByHand | undefined;
  readonly burst: BurstSeen;
  readonly calm: CalmSeen;
  readonly closed: ClosedSeen | undefined;
  readonly unattached: { readonly held: number; readonly heldMs: number } | undefined;
  readonly bystander: LivingSeen;
}

/** Triggers every emergency at the same moment, each of another user, and watches. */
export async function playEmergency(stage: Stage, before: FactoryStats | undefined): Promise<Play> {
  const { context, rules, cast } = stage;
  const [triggered, byHand, burst, calm] = await Promise.all([
    triggerByAdmission(stage),
    triggerByHand(stage),
    knockAtTheLimit(stage),
    staysCalm(stage),
  ]);
  const finishedMs = Math.max(triggered.answeredMs, burst.answeredMs, byHand?.answeredMs ?? 0);
  const after = await settledStats(stage, before);
  const closed = await closeEverybody(stage);
  const unattached = await outliveDeadline(stage);
  // No socket of ours ends these: without this they would be held until their deadline.
  if (calm.pending > 0) await context.inside?.factory?.startCloseAllForUser(cast.calm.user, 'closing-all');
  if (unattached !== undefined && unattached.held > 0 && cast.unattached !== undefined)
    await context.inside?.factory?.startCloseAllForUser(cast.unattached.user, 'closing-all');
  return {
    before,
    after,
    entry: triggered.entry,
    lateMs: triggered.lateMs,
    isSpoilt:
      triggered.lateMs > rules.ordinaryMs - rules.probeTimeoutMs ||
      wasOvertaken(finishedMs, rules.ordinaryMs, before, after),
    triggered: triggered.seen,
    byHand,
    burst,
    calm,
    closed,
    unattached,
    bystander: await lookAt(context, cast.bystander.user, cast.bystander.clients),
  };
}

/** Releases are counted when the cleanup of each is over, which may come after its socket went. */
async function settledStats(
  { context, rules, cast }: Stage,
  before: FactoryStats | undefined,
): Promise<FactoryStats | undefined> {
  const factory = context.inside?.factory;
  if (factory === undefined) return undefined;
  const expected = cast.triggered.silent.length + cast.byHand.silent.length + cast.burst.clients.length;
  const { last } = await poll(
    () => factory.stats(),
    (stats) => silentReleases(stats) - silentReleases(before) >= expected,
    { deadlineMs: rules.deadlineMs, everyMs: 25, signal: context.signal },
  );
  return last;
}

/** Ordinary removal took some of them, and it may have: the emergencies were not over before it could begin. */
function wasOvertaken(
  finishedMs: number,
  ordinaryMs: number,
  before: FactoryStats | undefined,
  after: FactoryStats | undefined,
): boolean {
  if (finishedMs <= ordinaryMs) return false;
  return before === undefined || after === undefined || ordinaryReleases(after) > ordinaryReleases(before);
}

export function ordinaryReleases(stats: FactoryStats | undefined): number {
  return stats?.released.byReason['silent'] ?? 0;
}

export function silentReleases(stats: FactoryStats | undefined): number {
  return stats?.released.byReason['emergency:silent'] ?? 0;
}
