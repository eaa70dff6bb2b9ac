import { appendFile, readFile } from 'node:fs/promises';
import type { Counts } from '../../evidence/counts.ts';
import type { LapCounts } from './lap-trend.ts';

/** One lap, as it stands in the file: a line of JSON. */
export interface Lap extends LapCounts {
  readonly target: string;
  /** Which process it was; after a restart counts begin anew. */
  readonly pid: number | null;
  readonly at: string;
  /** Spent soaking so far, over all sessions, in milliseconds. */
  readonly soakedMs: number;
  readonly served: number;
  readonly meant: number;
  /** Held when everybody had left. */
  readonly held: number | null;
  readonly rssBytes: number | null;
}

/** The laps of a soak in a file, so that it can be resumed; without a file, in memory only. */
export class SoakLog {
  readonly laps: Lap[];
  readonly #file: string | undefined;

  private constructor(file: string | undefined, laps: Lap[]) {
    this.#file = file;
    this.laps = laps;
  }

  /** @throws Error naming the file and the line when it is no log of this target. */
  static async open(file: string | undefined, target: string): Promise<SoakLog> {
    if (file === undefined) return new SoakLog(undefined, []);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw new Error(`the log of the soak ${file} cannot be read: ${error.message}`, { cause: error });
    });
    const laps = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line, index) => readLap(line, `${file}, line ${index + 1}`));
    const other = laps.find((lap) => lap.target !== target);
    if (other !== undefined)
      throw new Error(
        `${file} is the log of a soak of ${other.target}, not of ${target}; name another file (--soak-file)`,
      );
    return new SoakLog(file, laps);
  }

  get soakedMs(): number {
    return this.laps.at(-1)?.soakedMs ?? 0;
  }

  get cycles(): number {
    return this.laps.at(-1)?.cycles ?? 0;
  }

  async add(lap: Lap): Promise<void> {
    this.laps.push(lap);
    if (this.#file !== undefined) await appendFile(this.#file, `${JSON.stringify(lap)}\n`);
  }

  /** The laps of the process that runs now; one that was restarted in between counts from nothing. */
  of(pid: number | null): readonly Lap[] {
    const since = this.laps.findLastIndex((lap) => lap.pid !== pid);
    return this.laps.slice(since + 1);
  }
}

function readLap(line: string, where: string): Lap {
  let lap: unknown;
  try {
    lap = JSON.parse(line);
  } catch {
    throw new Error(`${where} is no lap of a soak: it is not JSON`);
  }
  if (!isLap(lap)) throw new Error(`${where} is no lap of a soak: it lacks target, cycles, counts or soakedMs`);
  return lap;
}

function isLap(lap: unknown): lap is Lap {
  if (typeof lap !== 'object' || lap === null) return false;
  const { target, cycles, counts, soakedMs } = lap as Readonly<Record<string, unknown>>;
  return typeof target === 'string' && typeof cycles === 'number' && typeof soakedMs === 'number' && isCounts(counts);
}

function isCounts(counts: unknown): counts is Counts {
  return (
    typeof counts === 'object' && counts !== null && Object.values(counts).every((count) => typeof count === 'number')
  );
}
