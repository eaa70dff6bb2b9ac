import type { Clock } from './clock.ts';
import { LAG_TOLERANCE_MS } from './liveness.ts';

/** Wall time ahead of monotonic time by more than this: the machine slept. A clock that is set does the same, and only buys grace. */
const SLEPT_MS = 1000;
/** After a hold-up the loop has to run for this long before silence is the peer's again. */
const RECOVERY_MS = 1000;

/** What a factory knows of times in which it could not have heard anybody: its own loop stood still, the process or the machine did. */
export class HoldUp {
  count = 0;
  suspensions = 0;
  longestMs = 0;
  #endedAtMs = -Infinity;
  #lastMs = 0;
  #seenAtMs: number;
  #seenWallMs: number | undefined;

  constructor(clock: Clock) {
    this.#seenAtMs = clock.now();
    this.#seenWallMs = clock.wallNow?.();
  }

  /** Called whenever deadlines are looked at, with how long the loop had kept them from it, and when they were, with how long that took. */
  note(heldUpMs: number, nowMs: number): void {
    if (heldUpMs > LAG_TOLERANCE_MS) this.#remember(heldUpMs, nowMs);
  }

  /** Called whenever deadlines are looked at: whether the machine slept since the last time. */
  noteSleep(nowMs: number, wallMs: number | undefined): void {
    if (wallMs !== undefined && this.#seenWallMs !== undefined) {
      const sleptMs = wallMs - this.#seenWallMs - (nowMs - this.#seenAtMs);
      if (sleptMs > SLEPT_MS) {
        this.suspensions += 1;
        this.#remember(sleptMs, nowMs);
      }
    }
    this.#seenWallMs = wallMs;
    this.#seenAtMs = nowMs;
  }

  /** How long the last hold-up was, while it is too recent for a verdict; 0 once the loop has run for a while. */
  recentMs(nowMs: number, withinMs: number): number {
    return nowMs - this.#endedAtMs < Math.min(RECOVERY_MS, withinMs) ? this.#lastMs : 0;
  }

  #remember(heldUpMs: number, nowMs: number): void {
    this.count += 1;
    this.longestMs = Math.max(this.longestMs, heldUpMs);
    this.#lastMs = heldUpMs;
    this.#endedAtMs = nowMs;
  }
}
