/** Away for less than this, and never disconnected: nothing can have been forgotten. Whatever fails again so soon has not been mended. */
const BLINK_MS = 1000;

/** Of a store that answers some commands, so many admissions without an answer to anything between them mean that it answers none for now ... */
const ADMISSIONS_IN_A_ROW = 3;
/** ... which lasts for so long after the last of them. */
const PAUSE_MS = 250;

/**
 * Whether a store is there, told from what became of commands.
 *
 * The first failure begins an outage, the first success ends it. But a store can answer some commands and not others: a server of a cluster is
 * down, a replica only reads, its memory is full. There each failure would be followed by a success, all day; so what fails within a moment
 * after a success, or while all leases are being renewed for its sake, is the same outage, which began when it began. It is partial from
 * there on: everything is asked, whatever fails is decided without the store, and it is over when all leases could be renewed.
 */
export class Outage {
  #sinceMs: number | undefined = undefined;
  #isPartial = false;
  #isProofAsked = false;
  /** The one before, by when it began and when it seemed to be over. */
  #last: { readonly sinceMs: number; readonly backAtMs: number } | undefined = undefined;
  /** Since then nobody knows yet whether all that is asked is answered. */
  #isUnproved = false;
  #lastFailureAtMs = -Infinity;
  #admissionsInARow = 0;
  mayHaveForgotten = false;

  /** Since the first failure; `undefined`: there is no outage. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /** Whether nothing at all is answered, as far as is known. */
  isWhole(nowMs: number): boolean {
    if (this.#sinceMs === undefined) return false;
    return (
      !this.#isPartial || (this.#admissionsInARow >= ADMISSIONS_IN_A_ROW && nowMs - this.#lastFailureAtMs < PAUSE_MS)
    );
  }

  /** Answers whether this is news. `wasLate`: nothing says that the connection was lost. */
  failed(
    nowMs: number,
    { isAdmission, wasLate }: { readonly isAdmission: boolean; readonly wasLate: boolean },
  ): boolean {
    if (!wasLate) this.mayHaveForgotten = true;
    if (isAdmission) this.#admissionsInARow += 1;
    this.#lastFailureAtMs = nowMs;
    if (this.#sinceMs !== undefined) return false;
    const last = this.#last;
    this.#isProofAsked = false;
    this.#isPartial = last !== undefined && (this.#isUnproved || nowMs - last.backAtMs < BLINK_MS);
    this.#sinceMs = last !== undefined && this.#isPartial ? last.sinceMs : nowMs;
    return true;
  }

  /** Answers for how long the store was away, if it is back by this. */
  succeeded(nowMs: number): { readonly awayMs: number; readonly mayHaveForgotten: boolean } | undefined {
    this.#admissionsInARow = 0;
    if (this.#sinceMs === undefined || this.#isPartial) return undefined;
    const awayMs = nowMs - this.#sinceMs;
    const mayHaveForgotten = this.mayHaveForgotten || awayMs >= BLINK_MS;
    this.#last = { sinceMs: this.#sinceMs, backAtMs: nowMs };
    this.#isUnproved = mayHaveForgotten;
    this.#sinceMs = undefined;
    this.mayHaveForgotten = false;
    return { awayMs, mayHaveForgotten };
  }

  /** Whether all leases are to be renewed before it is time to, as a partial outage seems to be over. Once: who fails then may fail for long. */
  wantsProof(nowMs: number): boolean {
    if (!this.#isPartial || this.#isProofAsked || nowMs - this.#lastFailureAtMs < BLINK_MS) return false;
    this.#isProofAsked = true;
    return true;
  }

  /** All leases were to be renewed, from `startedAtMs` on. Answers since when the store was away, if a partial outage is over by this. */
  proved(startedAtMs: number): number | undefined {
    if (this.#lastFailureAtMs >= startedAtMs) return undefined;
    this.#isUnproved = false;
    if (!this.#isPartial || startedAtMs - this.#lastFailureAtMs < BLINK_MS) return undefined;
    const sinceMs = this.#sinceMs;
    this.#sinceMs = undefined;
    this.#isPartial = false;
    this.mayHaveForgotten = false;
    return sinceMs;
  }
}
