import type { LifeDrive, LifeEnding, LifeReport } from '../../drive/recipes/types.ts';
import { sayRefusal, wasAnswered } from './refusal.ts';
import { shuffled } from './shuffled.ts';
import { saysTooMany } from './turned-away.ts';

const AGAIN_MS = 10;

export interface Wave {
  readonly cycles: number;
  /** Of those that were meant to be served: the ones cut on their way are not. */
  readonly meant: number;
  readonly admitted: number;
  readonly served: number;
  /** Cut before the answer to their request. */
  readonly aborted: number;
  /** Attempts that were answered with a refusal, also of lives that were let in when they tried again. */
  readonly refused: number;
  /** Of those that were meant to be served: refused in the end, because too many come. */
  readonly turnedAway: number;
  /** Why somebody was not served, the first time it happened. */
  readonly firstFailure: string | undefined;
  readonly elapsedMs: number;
  /** How the server let go, by ending, of lives that ended where the client can see it. */
  readonly letGo: ReadonlyMap<LifeEnding, LetGoCount>;
}

export interface LetGoCount {
  readonly ended: number;
  /** Of those, within the patience. */
  readonly letGo: number;
}

export interface WaveOptions {
  readonly lives: LifeDrive;
  readonly cycles: number;
  readonly users: readonly string[];
  /** Says who lives the next life, whoever `users` are. */
  readonly newcomer?: (() => string) | undefined;
  readonly endings: readonly LifeEnding[];
  readonly concurrency: number;
  /** How long a life waits for the server to let go, and for a place that somebody has just left. */
  readonly patienceMs: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly onCycle?: (done: number) => void;
}

/** Runs client lives, several at a time, each with the ending that the seed gives it. */
export async function runWave(options: WaveOptions): Promise<Wave> {
  const { cycles, users, signal } = options;
  const startedAtMs = performance.now();
  const endings = shuffled(endingsOf(cycles, options.endings), options.random);
  const seen: Tally = {
    meant: 0,
    admitted: 0,
    served: 0,
    aborted: 0,
    refused: 0,
    turnedAway: 0,
    firstFailure: undefined,
    letGo: new Map(),
  };
  let begun = 0;
  let done = 0;
  const lane = async (index: number): Promise<void> => {
    while (begun < cycles) {
      signal.throwIfAborted();
      const user = options.newcomer?.() ?? users[index % users.length] ?? '';
      const ending = endings[begun] ?? 'close-frame';
      begun += 1;
      note(seen, await liveOnce(options, user, ending, () => (seen.refused += 1)));
      done += 1;
      options.onCycle?.(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, cycles) }, (_, index) => lane(index)));
  return { cycles, ...seen, elapsedMs: performance.now() - startedAtMs };
}

/** Somebody who just ended may hold the place for a moment; whoever comes next tries again. */
async function liveOnce(
  options: WaveOptions,
  user: string,
  ending: LifeEnding,
  onRefused: () => void,
): Promise<LifeReport> {
  const { lives, patienceMs, signal } = options;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const report = await lives.live({ user, ending, patienceMs });
    if (report.refused !== undefined && wasAnswered(report.refused)) onRefused();
    if (report.refused === undefined || performance.now() >= deadline || signal.aborted) return report;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Endings that come before anybody could have been served. */
const CUT_SHORT: ReadonlySet<LifeEnding> = new Set(['abort-in-upgrade', 'abort-after-response', 'during-work']);

interface Tally {
  meant: number;
  admitted: number;
  served: number;
  aborted: number;
  refused: number;
  turnedAway: number;
  firstFailure: string | undefined;
  readonly letGo: Map<LifeEnding, LetGoCount>;
}

/** After a reset of its own a client sees nothing more. */
const SEEN_TO_THE_END: ReadonlySet<LifeEnding> = new Set(['close-frame', 'fin', 'protocol-error', 'oversized-frame']);

function note(seen: Tally, report: LifeReport): void {
  if (report.served && SEEN_TO_THE_END.has(report.ending)) {
    const { ended, letGo } = seen.letGo.get(report.ending) ?? { ended: 0, letGo: 0 };
    seen.letGo.set(report.ending, { ended: ended + 1, letGo: letGo + (report.letGo === undefined ? 0 : 1) });
  }
  if (report.ending === 'abort-in-upgrade') seen.aborted += 1;
  if (CUT_SHORT.has(report.ending)) return;
  seen.meant += 1;
  if (report.refused === undefined) seen.admitted += 1;
  if (report.served) seen.served += 1;
  else {
    if (report.refused !== undefined && saysTooMany(report.refused)) seen.turnedAway += 1;
    seen.firstFailure ??= report.failure ?? report.refused?.failure ?? `refused with ${sayRefusal(report.refused)}`;
  }
}

/** As many of each ending as fit. */
function endingsOf(count: number, among: readonly LifeEnding[]): LifeEnding[] {
  return Array.from({ length: count }, (_, index) => among[index % among.length] ?? 'close-frame');
}
