import type { FactoryStats } from '@watertight/server';
import {
  closeEverybody,
  knockAtTheLimit,
  outliveDeadline,
  staysCalm,
  triggerByAdmission,
  triggerByHand,
  type BurstSeen,
  type ByHand,
  type CalmSeen,
  type ClosedSeen,
  type HalfSeen,
} from './acts.ts';
import { silentCount } from './cast.ts';
import { freeByForce, type ForcedSeen } from './force.ts';
import { emptyTheFull, knockWhenAllAnswer, type FullSeen } from './full.ts';
import type { LateSeen } from './late.ts';
import { lookAt, type LivingSeen } from './living.ts';
import type { Stage } from './stage.ts';
import { LOOP_DELAY_LIMIT_MS } from '../../verdict/deadline.ts';
import type { EmergencyRules } from './rules.ts';
import type { FactoryEvent, Hearing } from '../../inspector/types.ts';
import { poll } from '../../evidence/poll.ts';
import type { Entry } from '../shared/crowd.ts';

/** A server may ask a little early, so that it is through with a peer by the time that was promised. */
const ASKED_EARLY = 15 / 16;
/** Times the quiet, by which the cleanups have to have begun. */
const LATEST_TRIGGER = 1.5;

/** Everything seen in one play. */
export interface Play {
  readonly before: FactoryStats | undefined;
  readonly after: FactoryStats | undefined;
  readonly entry: Entry;
  readonly lateMs: number;
  /** From when the silent fell silent until every cleanup was over. */
  readonly finishedMs: number;
  readonly triggered: HalfSeen;
  readonly triggeredLate: LateSeen;
  readonly byHand: ByHand | undefined;
  readonly burst: BurstSeen;
  readonly full: FullSeen;
  readonly forced: ForcedSeen | undefined;
  readonly calm: CalmSeen;
  readonly closed: ClosedSeen | undefined;
  readonly unattached: { readonly held: number; readonly heldMs: number } | undefined;
  readonly bystander: LivingSeen;
  /** Cleanups that were due while this was played. */
  readonly startedRunCount: number;
  readonly runningSeen: number;
  /** When one of the user at the limit had left, and when all had. */
  readonly oneLess: FactoryStats | undefined;
  readonly empty: FactoryStats | undefined;
  /** What the factory told, from before everybody came in. */
  readonly events: readonly FactoryEvent[] | undefined;
}

/** Triggers every emergency at the same moment, each of another user, and watches. */
export async function playEmergency(
  stage: Stage,
  before: FactoryStats | undefined,
  hearing: Hearing | undefined,
): Promise<Play> {
  const { context, cast } = stage;
  const [triggered, byHand, burst, full, forced, calm] = await Promise.all([
    triggerByAdmission(stage),
    triggerByHand(stage),
    knockAtTheLimit(stage),
    knockWhenAllAnswer(stage),
    freeByForce(stage),
    staysCalm(stage),
  ]);
  const finishedMs = Math.max(triggered.answeredMs, burst.answeredMs, byHand?.answeredMs ?? 0, forced?.answeredMs ?? 0);
  const after = await settledStats(stage, before);
  const { oneLess, empty } = await emptyTheFull(stage);
  const events = await hearing?.heard();
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
    triggeredLate: triggered.late,
    byHand,
    burst,
    full,
    forced,
    calm,
    closed,
    unattached,
    bystander: await lookAt(context, cast.bystander.user, cast.bystander.clients),
    // By admissions of the triggered, the burst, the full and the calm user, by hand, and by force.
    startedRunCount: 6,
    runningSeen: byHand?.runningSeen ?? 0,
    oneLess,
    empty,
    events,
  };
}

/** Releases are counted when the cleanup of each is over, which may come after its socket went. */
async function settledStats(
  { context, rules, cast }: Stage,
  before: FactoryStats | undefined,
): Promise<FactoryStats | undefined> {
  const factory = context.inside?.factory;
  if (factory === undefined) return undefined;
  const expected = silentCount(cast);
  const { last } = await poll(
    () => factory.stats(),
    (stats) => silentReleases(stats) - silentReleases(before) >= expected && stats.emergency.running === 0,
    { deadlineMs: 2 * rules.deadlineMs, everyMs: 25, signal: context.signal },
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
  // A question that was on its way when they fell silent is the first one, and may have been for as long as is not excused.
  const mayBeOrdinary = finishedMs > rules.ordinaryMs * ASKED_EARLY - LOOP_DELAY_LIMIT_MS;
  return (mayBeOrdinary || loopDelayMs > LOOP_DELAY_LIMIT_MS) && ordinaryReleases(after) > ordinaryReleases(before);
}

/** By the next heartbeat those who answer late would have been asked without the cleanup, and whoever was to be young has grown old. */
export function beganLate({ lateMs }: Play, rules: EmergencyRules): boolean {
  return lateMs > LATEST_TRIGGER * rules.quietMs;
}

function ordinaryReleases(stats: FactoryStats | undefined): number {
  return stats?.released.byReason['silent'] ?? 0;
}

export function silentReleases(stats: FactoryStats | undefined): number {
  return stats?.released.byReason['emergency:silent'] ?? 0;
}
