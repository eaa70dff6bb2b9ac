import { SnapshotError, showByte } from './snapshot-error.ts';

/** So few that they are still in the nearest cache when the sink takes them. */
const RECORDS_AT_ONCE = 1_024;
/** Numbers of so many digits fit 32 bits, where multiplying is cheapest. */
const MAX_SHORT_DIGITS = 9;

const NO_DIGIT_YET = -1;

// Bytes are compared after 48, the digit 0, was taken off: digits are then 0 to 9.
const COMMA = 44 - 48;
const CLOSE_BRACKET = 93 - 48;
const LINE_FEED = 10 - 48;
const SPACE = 32 - 48;
const CARRIAGE_RETURN = 13 - 48;
const TAB = 9 - 48;

const AT_START = 0;
const AFTER_NUMBER = 1;
const AFTER_COMMA = 2;

/** Takes numbers by whole records; `count` is how many of `values` are filled. */
export interface RecordSink {
  take(values: Float64Array, count: number): void;
}

/** Where a scan of a part of the text stopped, and whether its array has ended there. */
export interface Scanned {
  readonly position: number;
  readonly ended: boolean;
}

interface Progress {
  /** The number so far; it may go on behind a boundary of chunks. */
  value: number;
  before: number;
  /** How many of the staged numbers are filled. */
  filled: number;
  position: number;
  stoppedAt: 'end of bytes' | 'full' | 'closed' | 'unexpected';
}

/**
 * Reads the inside of a JSON array of whole numbers, from behind its `[` up to and including its `]`, byte by byte and over
 * any boundary of chunks. No string is made of a number: a snapshot of 386 MB has 80 million of them.
 */
export class NumberScanner {
  readonly #sink: RecordSink;
  readonly #fieldCount: number;
  readonly #section: string;
  readonly #staged: Float64Array;
  readonly #progress: Progress = {
    value: NO_DIGIT_YET,
    before: AT_START,
    filled: 0,
    position: 0,
    stoppedAt: 'end of bytes',
  };

  constructor(section: string, fieldCount: number, sink: RecordSink) {
    this.#section = section;
    this.#fieldCount = fieldCount;
    this.#sink = sink;
    this.#staged = new Float64Array(fieldCount * RECORDS_AT_ONCE);
  }

  /** `textOffset` is where `bytes` begin in the whole text; only for errors. */
  scan(bytes: Uint8Array, from: number, textOffset: number): Scanned {
    const progress = this.#progress;
    progress.position = from;
    do {
      stage(bytes, this.#staged, progress);
      if (progress.stoppedAt === 'full') this.#flush();
    } while (progress.stoppedAt === 'full');
    const at = textOffset + progress.position - 1;
    if (progress.stoppedAt === 'unexpected') {
      const byte = showByte(bytes[progress.position - 1] ?? 0);
      throw new SnapshotError(`unexpected ${byte} among the numbers of "${this.#section}"`, at);
    }
    const ended = progress.stoppedAt === 'closed';
    if (ended && progress.filled % this.#fieldCount !== 0)
      throw new SnapshotError(`"${this.#section}" ends within a record of ${this.#fieldCount} numbers`, at);
    if (ended) this.#flush();
    return { position: progress.position, ended };
  }

  #flush(): void {
    this.#sink.take(this.#staged, this.#progress.filled);
    this.#progress.filled = 0;
  }
}

/** The innermost loop of all. It touches nothing but its own variables until it stops; with fields of a class it is half as fast. */
function stage(bytes: Uint8Array, staged: Float64Array, progress: Progress): void {
  const end = bytes.length;
  const full = staged.length;
  let { value, before, filled, position } = progress;
  let stoppedAt: Progress['stoppedAt'] = 'end of bytes';
  while (position < end) {
    let digit = (bytes[position] as number) - 48;
    if (digit >>> 0 <= 9) {
      if (before === AFTER_NUMBER) {
        position += 1;
        stoppedAt = 'unexpected';
        break;
      }
      if (value < 0) {
        let short = 0;
        const shortEnd = Math.min(end, position + MAX_SHORT_DIGITS);
        do {
          short = (Math.imul(short, 10) + digit) | 0;
          position += 1;
          if (position === shortEnd) break;
          digit = (bytes[position] as number) - 48;
        } while (digit >>> 0 <= 9);
        value = short;
      }
      while (position < end) {
        digit = (bytes[position] as number) - 48;
        if (digit >>> 0 > 9) break;
        value = value * 10 + digit;
        position += 1;
      }
      // It may go on in the next chunk.
      if (position === end) break;
    }
    if (value >= 0) {
      staged[filled] = value;
      filled += 1;
      value = NO_DIGIT_YET;
      before = AFTER_NUMBER;
      if (filled === full) {
        // The byte that ended the number is looked at again.
        stoppedAt = 'full';
        break;
      }
    }
    position += 1;
    if (digit === COMMA && before === AFTER_NUMBER) before = AFTER_COMMA;
    // V8 puts a line feed behind each record, before the comma.
    else if (digit !== LINE_FEED && digit !== SPACE && digit !== CARRIAGE_RETURN && digit !== TAB) {
      stoppedAt = digit === CLOSE_BRACKET && before !== AFTER_COMMA ? 'closed' : 'unexpected';
      break;
    }
  }
  progress.value = value;
  progress.before = before;
  progress.filled = filled;
  progress.position = position;
  progress.stoppedAt = stoppedAt;
}
