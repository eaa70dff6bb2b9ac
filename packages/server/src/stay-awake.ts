import { type Clock, MAX_TIMER_MS, type Timer } from './clock.ts';

/**
 * Timers of a factory keep no process alive, and when the last socket is gone nothing else may: Node would end, with exit code 0, before
 * deadlines that somebody waits for. So what ends a process in order holds it until it is done; all of that is bounded.
 */
export async function awakeDuring<Result>(clock: Clock, work: () => Promise<Result>): Promise<Result> {
  const timer = clock.setTimeout(() => undefined, MAX_TIMER_MS);
  if (canHold(timer)) timer.ref();
  try {
    return await work();
  } finally {
    clock.clear(timer);
  }
}

/** A timer of Node; that of a clock which a test moves holds nothing. */
function canHold(timer: Timer): timer is { ref(): unknown } {
  return typeof timer === 'object' && 'ref' in timer && typeof timer.ref === 'function';
}
