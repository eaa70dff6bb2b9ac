/** `normal` · `pressed`: idle time-outs shrink · `overloaded`: and nobody new is admitted. */
export type PressureState = 'normal' | 'pressed' | 'overloaded';

/** How far each limit of the process is used up, as shares of it; `null` where there is no limit. */
export interface PressureReading {
  readonly managers: number | null;
  readonly heap: number | null;
  readonly eventLoopDelay: number | null;
}

export interface PressureRule {
  /** Shares from which a state begins; `Infinity`: never. */
  readonly pressedAt: number;
  readonly overloadedAt: number;
  /** Shares below which it ends. */
  readonly normalBelow: number;
  readonly admittingBelow: number;
}

/** However pressed, an idle time-out keeps this share of its length. */
const MIN_IDLE_SHARE = 0.05;

/** The worst of all readings counts. */
export function levelOf({ managers, heap, eventLoopDelay }: PressureReading): number {
  return Math.max(0, managers ?? 0, heap ?? 0, eventLoopDelay ?? 0);
}

/** The state at a level, with hysteresis: a state that has begun ends only below its own exit. */
export function judgePressure(before: PressureState, level: number, rule: PressureRule): PressureState {
  if (level >= rule.overloadedAt) return 'overloaded';
  if (before === 'overloaded' && level >= rule.admittingBelow) return 'overloaded';
  if (level >= rule.pressedAt) return 'pressed';
  return before !== 'normal' && level >= rule.normalBelow ? 'pressed' : 'normal';
}

/** From the whole time-out where pressure begins down to a twentieth of it where the process is full, in a straight line. */
export function idleTimeoutUnder(level: number, idleTimeoutMs: number, { pressedAt }: PressureRule): number {
  if (level <= pressedAt) return idleTimeoutMs;
  const left = pressedAt >= 1 ? 0 : (1 - Math.min(1, level)) / (1 - pressedAt);
  return idleTimeoutMs * Math.max(MIN_IDLE_SHARE, left);
}
