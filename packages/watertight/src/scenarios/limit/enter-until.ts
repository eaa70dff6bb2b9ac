import { poll } from '../../evidence/poll.ts';

/** How much longer a place that was not free in time is waited for, to tell late, which a busy machine explains, from never. */
const NEVER_MS = 2_000;

export interface Entered {
  /** Let in before the deadline. */
  readonly inTime: number;
  readonly afterMs: number;
  /** For how long more were waited for that never came; 0 when they came in the end. */
  readonly waitedMs: number;
}

/** Tries until as many were let in as should be, or the deadline for a place to be free again has passed. */
export async function enterUntil(
  enter: () => Promise<boolean>,
  count: number,
  {
    deadlineMs,
    tellsLateFromNever,
    signal,
  }: { readonly deadlineMs: number; readonly tellsLateFromNever: boolean; readonly signal: AbortSignal },
): Promise<Entered> {
  let entered = 0;
  const look = async (): Promise<number> => {
    while (entered < count && (await enter())) entered += 1;
    return entered;
  };
  const within = async (withinMs: number) =>
    await poll(look, (seen) => seen >= count, { deadlineMs: withinMs, everyMs: 25, signal });
  const { last: inTime, afterMs, reached } = await within(deadlineMs);
  if (reached || !tellsLateFromNever) return { inTime, afterMs, waitedMs: 0 };
  const more = await within(NEVER_MS);
  return { inTime, afterMs, waitedMs: more.reached ? 0 : afterMs + more.afterMs };
}
