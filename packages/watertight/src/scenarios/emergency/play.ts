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
} from './acts.ts';
import { LOOP_DELAY_LIMIT_MS } from '../../verdict/deadline.ts';
import type { EmergencyRules } from './rules.ts';
import { poll } from '../../evidence/poll.ts';
import type { Entry } from '../shared/crowd.ts';

/** Everything seen in one play. */
export interface Play {
  readonly before: FactoryStats | undefined;
  readonly after: FactoryStats | undefined;
  readonly entry: Entry;
  readonly lateMs: number;
  /** From when the silent fell silent until every cleanup was over. */
  readonly finishedMs: number;
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
  const { context, cast } = stage;
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
    finishedMs,
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

/**
 * Nothing can be told apart when ordinary removal took some of them and may have: because the cleanups were not over before
 * it could begin, or an event loop stood still. Where nobody says who was released for what, the time alone decides.
 */
export function isSpoilt({ finishedMs, before, after }: Play, rules: EmergencyRules, loopDelayMs: number): boolean {
  const isLate = finishedMs > rules.ordinaryMs;
  if (before === undefined || after === undefined) return isLate;
  return (isLate || loopDelayMs > LOOP_DELAY_LIMIT_MS) && ordinaryReleases(after) > ordinaryReleases(before);
}

function ordinaryReleases(stats: FactoryStats | undefined): number {
  return stats?.released.byReason['silent'] ?? 0;
}

export function silentReleases(stats: FactoryStats | undefined): number {
  return stats?.released.byReason['emergency:silent'] ?? 0;
}
