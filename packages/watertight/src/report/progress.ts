import { escapeTerminal } from './escape.ts';
import { formatSeconds } from './figures.ts';

export interface ProgressState {
  readonly scenario: string;
  readonly step: string;
  readonly done?: number;
  readonly of?: number;
  /** Managers held, as far as known. */
  readonly held?: number;
  /** Connections per second. */
  readonly perSecond?: number;
}

/** Where a run shows how far it is. */
export interface Progress {
  update(state: ProgressState): void;
  /** A line that stays. */
  line(text: string): void;
  /** Removes what does not stay. */
  end(): void;
}

/** Shows nothing. */
export const SILENT: Progress = { update: () => undefined, line: () => undefined, end: () => undefined };

/** The part of a stream that is needed. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A terminal is rewritten ten times a second; anything else, a log file say, gets two plain lines a second at most. */
const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 500;
const ERASE_LINE = '\r\u001b[2K';

/** Shows progress without any timer: nothing of it keeps a process alive. `now` in milliseconds. */
export function createProgress(stream: ProgressStream, now: () => number = () => performance.now()): Progress {
  const startedAtMs = now();
  const rewriting = stream.isTTY === true;
  const everyMs = rewriting ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let shownAtMs = -Infinity;
  let shown = '';
  const erase = (): void => {
    if (rewriting && shown !== '') stream.write(ERASE_LINE);
    shown = '';
  };
  return {
    update(state) {
      const nowMs = now();
      if (nowMs - shownAtMs < everyMs) return;
      shownAtMs = nowMs;
      const text = describeProgress(state, nowMs - startedAtMs);
      if (!rewriting) {
        stream.write(`${text}\n`);
        return;
      }
      // A line that wraps cannot be erased as one.
      shown = text.slice(0, Math.max(20, (stream.columns ?? 80) - 1));
      stream.write(`${ERASE_LINE}${shown}`);
    },
    line(text) {
      erase();
      stream.write(`${escapeTerminal(text)}\n`);
    },
    end: erase,
  };
}

function describeProgress(state: ProgressState, elapsedMs: number): string {
  const parts = [`${state.scenario} › ${state.step}`];
  if (state.done !== undefined) parts.push(state.of === undefined ? `${state.done}` : `${state.done} of ${state.of}`);
  if (state.perSecond !== undefined && state.perSecond > 0) parts.push(`${state.perSecond.toFixed(0)}/s`);
  if (state.held !== undefined) parts.push(`${state.held} held`);
  parts.push(formatSeconds(elapsedMs));
  return escapeTerminal(parts.join(' · '));
}
