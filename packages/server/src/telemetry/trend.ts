interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** Fewer are no staircase. */
const LEAST_STEPS = 3;

/** A line through the values of a window of time: where it goes, and when it will be there. */
export class Trend {
  readonly #windowMs: number;
  readonly #leastPoints: number;
  readonly #leastSpanMs: number;
  readonly #points: Point[] = [];

  /** Fewer than `leastPoints` in the window, or points from less time than `leastSpanMs`, say nothing. */
  constructor(windowMs: number, leastPoints: number, leastSpanMs = 0) {
    this.#windowMs = windowMs;
    this.#leastPoints = leastPoints;
    this.#leastSpanMs = leastSpanMs;
  }

  add(atMs: number, value: number): void {
    this.#points.push({ atMs, value });
    while ((this.#points[0]?.atMs ?? atMs) < atMs - this.#windowMs) this.#points.shift();
  }

  /** The slope by least squares, per millisecond; `undefined` while too little was seen. */
  get slopePerMs(): number | undefined {
    const count = this.#points.length;
    const spanMs = (this.#points.at(-1)?.atMs ?? 0) - (this.#points[0]?.atMs ?? 0);
    if (count < this.#leastPoints || spanMs < this.#leastSpanMs) return undefined;
    const meanAt = this.#points.reduce((sum, { atMs }) => sum + atMs, 0) / count;
    const mean = this.#points.reduce((sum, { value }) => sum + value, 0) / count;
    let covariance = 0;
    let variance = 0;
    for (const { atMs, value } of this.#points) {
      covariance += (atMs - meanAt) * (value - mean);
      variance += (atMs - meanAt) ** 2;
    }
    return variance === 0 ? undefined : covariance / variance;
  }

  /** How long until `level` is reached at this slope; 0 when it is, `Infinity` when it never will be or too little was seen. */
  msUntil(level: number): number {
    const last = this.#points.at(-1);
    if (last === undefined) return Infinity;
    if (last.value >= level) return 0;
    const slope = this.slopePerMs;
    if (slope === undefined || slope <= 0) return Infinity;
    const stepMs = Math.min(this.#restingMs(), 1 / slope);
    // It is not there yet, however long it rests before the last step.
    return Math.max(1, (level - last.value) / slope - stepMs);
  }

  /**
   * What is counted grows in steps, and is nearer to the next the longer ago the last one was. 0 when it fell last, or rose so little
   * that there is no saying whether it goes on.
   */
  #restingMs(): number {
    const last = this.#points.at(-1);
    const first = this.#points[0];
    if (last === undefined || first === undefined || last.value - first.value < LEAST_STEPS) return 0;
    const before = this.#points.findLastIndex(({ value }) => value !== last.value);
    const reached = this.#points[before + 1] ?? last;
    return (this.#points[before]?.value ?? last.value) < last.value ? last.atMs - reached.atMs : 0;
  }
}
