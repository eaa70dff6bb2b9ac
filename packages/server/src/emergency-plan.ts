/** `conservative`: dead and never attached · `moderate`: and silent · `force`: and, exactly as many as needed, idle longest. */
export type EmergencyLevel = 'conservative' | 'moderate' | 'force';

/** What the decision goes by: plain facts of one manager, nothing that can be called. */
export interface ManagerFacts {
  readonly id: number;
  readonly state: 'pending' | 'active';
  /** It had connections and all of them are gone. */
  readonly dead: boolean;
  /** Milliseconds without ever having had a connection; `null` when it had one or needs none. */
  readonly neverAttachedForMs: number | null;
  /** Milliseconds since the last inbound byte; `null` without connections. */
  readonly quietForMs: number | null;
  /** Whether it sent anything since it was asked. */
  readonly answer: 'not asked' | 'answered' | 'none';
  /** Work that must not be interrupted. */
  readonly inFlight: number;
  /** Milliseconds since it was last used. */
  readonly idleForMs: number;
}

export interface EmergencyRule {
  readonly level: EmergencyLevel;
  /** Quiet for longer than this: a suspect. `false`: nobody is. */
  readonly heartbeatIntervalMs: number | false;
  readonly pendingDeadlineMs: number | false;
  /** Slots that `force` has to free; what the gentler levels free counts towards it. */
  readonly needed: number;
}

export type RemovalKind = 'dead' | 'neverAttached' | 'silent' | 'forced';

export interface Removal {
  readonly id: number;
  readonly kind: RemovalKind;
}

/** The reasons that removed managers are released with. */
export const REMOVAL_REASONS: Readonly<Record<RemovalKind, string>> = {
  dead: 'emergency:dead',
  neverAttached: 'emergency:never-attached',
  silent: 'emergency:silent',
  forced: 'emergency:forced',
};

export interface EmergencyPlan {
  /** In the order in which they are to be removed. */
  readonly remove: readonly Removal[];
  /** Suspects to be asked for a sign of life before anything more is decided about them. */
  readonly ask: readonly number[];
}

/**
 * Who goes, and who is asked first. Pure: called once with nobody asked, and again with the answers.
 * Never a pending manager before its deadline, never one that is merely idle or young or old, never work in flight.
 */
export function planEmergency(managers: readonly ManagerFacts[], rule: EmergencyRule): EmergencyPlan {
  const gentle = managers.map((facts) => ({ facts, kind: removalKind(facts, rule) }));
  const remove: Removal[] = [];
  for (const wanted of ['dead', 'neverAttached', 'silent'] as const) {
    for (const { facts, kind } of gentle) if (kind === wanted) remove.push({ id: facts.id, kind });
  }
  const spared = gentle.filter(({ kind }) => kind === undefined).map(({ facts }) => facts);
  const ask = rule.level === 'conservative' ? [] : spared.filter((facts) => isSuspect(facts, rule)).map(({ id }) => id);
  if (rule.level !== 'force' || ask.length > 0) return { remove, ask };
  const forced = spared
    .filter(({ state, inFlight }) => state === 'active' && inFlight === 0)
    .sort((one, other) => other.idleForMs - one.idleForMs)
    .slice(0, Math.max(0, rule.needed - remove.length));
  return { remove: [...remove, ...forced.map(({ id }): Removal => ({ id, kind: 'forced' }))], ask };
}

function removalKind(facts: ManagerFacts, rule: EmergencyRule): Exclude<RemovalKind, 'forced'> | undefined {
  if (facts.inFlight > 0) return undefined;
  if (facts.dead) return 'dead';
  const { pendingDeadlineMs, level } = rule;
  if (pendingDeadlineMs !== false && facts.neverAttachedForMs !== null && facts.neverAttachedForMs > pendingDeadlineMs)
    return 'neverAttached';
  if (level !== 'conservative' && facts.answer === 'none') return 'silent';
  return undefined;
}

function isSuspect(facts: ManagerFacts, rule: EmergencyRule): boolean {
  if (facts.state !== 'active' || facts.inFlight > 0 || facts.answer !== 'not asked' || facts.quietForMs === null)
    return false;
  return rule.heartbeatIntervalMs !== false && facts.quietForMs > rule.heartbeatIntervalMs;
}
