import type { StepOutcome } from '../types.ts';

const BUDGET_MS = 30_000;

export function cyclesPerSecond(cycles: number, elapsedMs: number): number {
  return Math.round((cycles / elapsedMs) * 1_000);
}

/**
 * The cycles that were asked for take at most 30 s.
 * @throws Error where they do not: no server promised to be quick, and a busy machine is not its fault, so nobody is convicted of it.
 */
export function judgePace(cycles: number, elapsedMs: number): StepOutcome {
  if (elapsedMs > BUDGET_MS)
    throw new Error(
      `${cycles} cycles took ${Math.round(elapsedMs)} ms, ${BUDGET_MS} ms are allowed: fewer of them (--cycles), or a less busy machine, would settle it`,
    );
  const perSecond = cyclesPerSecond(cycles, elapsedMs);
  return { ok: true, figures: { elapsedMs: Math.round(elapsedMs), budgetMs: BUDGET_MS, perSecond } };
}
