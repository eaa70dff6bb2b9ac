interface Point {
  readonly atMs: number;
  readonly value: number;
}

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
    return slope === undefined || slope <= 0 ? Infinity : (level - last.value) / slope;
  }
}
