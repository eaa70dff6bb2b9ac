import { type Clock, MAX_TIMER_MS, type Timer } from './clock.ts';
import { HoldUp } from './hold-up.ts';
import { SLICE_BUDGET_MS } from './slices.ts';

/** Something that has to happen at a time. Connections are deadlines themselves: no extra object, no timer of their own. */
export abstract class Deadline {
  dueAtMs = 0;
  lane: Lane | undefined = undefined;
  earlier: Deadline | undefined = undefined;
  later: Deadline | undefined = undefined;

  /** `latenessMs` is how late it is; `heldUpMs`, how much of that the event loop stood still, other deadlines not included. */
  abstract onDue(nowMs: number, latenessMs: number, heldUpMs: number): void;
}

/**
 * All deadlines with the same delay, in the order in which they were scheduled, which is the order in which they are due:
 *
 *     lane 10 000 ms   head ⇄ … ⇄ tail      schedule = append, cancel = unlink, both O(1)
 *     lane    200 ms   head ⇄ tail
 */
interface Lane {
  delayMs: number;
  head: Deadline | undefined;
  tail: Deadline | undefined;
  size: number;
}

/** Shorter delays are armed as they are. */
const EXACT_DELAY_MS = 256;
/** Longer ones come in so many sizes between a power of two and the next. */
const SIZES_AN_OCTAVE = 8;

/**
 * So many lanes are there from the beginning and used again. Teardowns wait for whatever is left of their deadline, so lanes come and go
 * with the traffic: whoever counts the objects of a process would see a few more now and then, and wonder.
 */
const STANDING_LANES = 8;

/**
 * A delay at most an eighth shorter, of a few sizes. Node keeps a list for every delay that a timer was ever armed with until that
 * delay has passed, though the timer be cleared at once: of whatever is left of 30 s there would be thousands.
 */
function fewSizes(delayMs: number): number {
  if (delayMs <= EXACT_DELAY_MS) return delayMs;
  const step = 2 ** Math.floor(Math.log2(delayMs)) / SIZES_AN_OCTAVE;
  return delayMs - (delayMs % step);
}

/**
 * Every deadline of a factory behind one timer, armed to the earliest or somewhat before it. Due deadlines run in slices of at most 10 ms.
 * Meant for a handful of different delays: the earliest is found by looking at the head of each lane.
 */
export class DeadlineQueue {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly holdUp: HoldUp;
  readonly #lanes = new Map<number, Lane>();
  readonly #spareLanes = Array.from({ length: STANDING_LANES }, () => newLane());
  #timer: Timer | undefined;
  #armedForMs = Infinity;
  #closed = false;
  #longestSliceMs = 0;

  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
    this.holdUp = new HoldUp(clock);
  }

  /** Deadlines waiting. */
  get size(): number {
    let size = 0;
    for (const lane of this.#lanes.values()) size += lane.size;
    return size;
  }

  get longestSliceMs(): number {
    return this.#longestSliceMs;
  }

  /** Schedules, or schedules anew. After {@link close} nothing is scheduled any more. */
  schedule(deadline: Deadline, delayMs: number, nowMs: number): void {
    if (deadline.lane !== undefined) this.cancel(deadline);
    if (this.#closed) return;
    let lane = this.#lanes.get(delayMs);
    if (lane === undefined) {
      lane = this.#spareLanes.pop() ?? newLane();
      lane.delayMs = delayMs;
      this.#lanes.set(delayMs, lane);
    }
    deadline.lane = lane;
    // Timers are no finer, and whole milliseconds are stored in place, fractions in an object of their own.
    deadline.dueAtMs = Math.ceil(nowMs + delayMs);
    deadline.earlier = lane.tail;
    if (lane.tail === undefined) lane.head = deadline;
    else lane.tail.later = deadline;
    lane.tail = deadline;
    lane.size += 1;
    if (deadline.dueAtMs < this.#armedForMs) this.#arm(deadline.dueAtMs, nowMs);
  }

  /** Takes a deadline out; one that is not scheduled is ignored. The timer stays armed: re-arming costs more than one idle wake-up. */
  cancel(deadline: Deadline): void {
    const lane = deadline.lane;
    if (lane === undefined) return;
    if (deadline.earlier === undefined) lane.head = deadline.later;
    else deadline.earlier.later = deadline.later;
    if (deadline.later === undefined) lane.tail = deadline.earlier;
    else deadline.later.earlier = deadline.earlier;
    lane.size -= 1;
    deadline.lane = undefined;
    deadline.earlier = undefined;
    deadline.later = undefined;
  }

  /** Drops everything and stops the timer. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== undefined) this.#clock.clear(this.#timer);
    this.#timer = undefined;
    for (const lane of this.#lanes.values()) while (lane.head !== undefined) this.cancel(lane.head);
  }

  #arm(atMs: number, nowMs: number): void {
    if (this.#timer !== undefined) this.#clock.clear(this.#timer);
    const delayMs = fewSizes(Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(atMs - nowMs))));
    const armedForMs = Math.min(atMs, nowMs + delayMs);
    this.#armedForMs = armedForMs;
    this.#timer = this.#clock.setTimeout(() => this.#fire(armedForMs, 0), delayMs);
  }

  /** `heldUpMs`: by how much the slices before this one, of the same wake-up, were held up. */
  #fire(expectedAtMs: number, heldUpBeforeMs: number): void {
    this.#timer = undefined;
    if (this.#closed) return;
    const startedAtMs = this.#clock.now();
    let nowMs = startedAtMs;
    const lateMs = startedAtMs - expectedAtMs;
    this.holdUp.note(lateMs, nowMs);
    this.holdUp.noteSleep(nowMs, this.#clock.wallNow?.());
    let heldUpMs = Math.max(heldUpBeforeMs, lateMs);
    for (;;) {
      const deadline = this.#earliest();
      if (deadline === undefined) {
        this.#armedForMs = Infinity;
        break;
      }
      if (deadline.dueAtMs > nowMs) {
        this.#arm(deadline.dueAtMs, nowMs);
        break;
      }
      this.cancel(deadline);
      try {
        const latenessMs = nowMs - deadline.dueAtMs;
        deadline.onDue(nowMs, latenessMs, Math.min(latenessMs, heldUpMs));
      } catch (error) {
        this.#onError(error);
      }
      nowMs = this.#clock.now();
      // Somebody else's code may run in here, and stand still.
      heldUpMs = Math.max(heldUpMs, nowMs - startedAtMs);
      if (nowMs - startedAtMs >= SLICE_BUDGET_MS) {
        const [nextAtMs, heldUpSoFarMs] = [nowMs, heldUpMs];
        this.#clock.setImmediate(() => this.#fire(nextAtMs, heldUpSoFarMs));
        break;
      }
    }
    const sliceMs = nowMs - startedAtMs;
    this.#longestSliceMs = Math.max(this.#longestSliceMs, sliceMs);
    // Stopped in the middle of it, or held up by what was due: no less time in which nobody could be heard.
    this.holdUp.note(sliceMs, nowMs);
  }

  #earliest(): Deadline | undefined {
    let earliest: Deadline | undefined;
    for (const lane of this.#lanes.values()) {
      const { head } = lane;
      // Lanes that nobody uses any more would add up.
      if (head === undefined) this.#retire(lane);
      else if (earliest === undefined || head.dueAtMs < earliest.dueAtMs) earliest = head;
    }
    return earliest;
  }

  #retire(lane: Lane): void {
    this.#lanes.delete(lane.delayMs);
    if (this.#spareLanes.length < STANDING_LANES) this.#spareLanes.push(lane);
  }
}

function newLane(): Lane {
  return { delayMs: 0, head: undefined, tail: undefined, size: 0 };
}
