import type { ServerResponse } from 'node:http';

import { SAFE_HEADERS } from './answer.ts';
import { changesBetween } from './changes.ts';
import type { Watcher } from './looks.ts';
import type { Overview } from './overview.ts';

/** A viewer for whom more than this waits gets nothing more until it has read, and then everything anew. */
const MAX_WAITING_BYTES = 262_144;
/** Whoever has read nothing of it after so long is gone. */
const MAX_STALLED_MS = 30_000;
/** A stream ends after an hour: whoever may not look any more finds out when it comes back. */
const MAX_STREAM_MS = 3_600_000;

interface Viewer {
  readonly response: ServerResponse;
  readonly sinceMs: number;
  /** Missed a change, and has to be told everything anew. */
  isBehind: boolean;
  stalledSinceMs: number | undefined;
}

/** Those who watch. What changed is found out and written down once, whoever many they are. */
export class Viewers implements Watcher {
  readonly #viewers = new Set<Viewer>();
  readonly #maxViewers: number;
  #told: Overview | undefined;

  constructor(maxViewers: number) {
    this.#maxViewers = maxViewers;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  get isFull(): boolean {
    return this.#viewers.size >= this.#maxViewers;
  }

  /** Tells everything at once, and what changes from then on. */
  add(response: ServerResponse, now: Overview): void {
    // Whoever left while it was found out who it is does not leave a second time, and would be a viewer for ever.
    if (response.destroyed) return;
    response.writeHead(200, {
      ...SAFE_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    const viewer: Viewer = { response, sinceMs: performance.now(), isBehind: false, stalledSinceMs: undefined };
    this.#viewers.add(viewer);
    const gone = (): void => void this.#viewers.delete(viewer);
    response.once('close', gone);
    response.once('error', gone);
    this.#told ??= now;
    response.write(`retry: 2000\n\n${eventOf('overview', this.#told)}`);
  }

  looked(overview: Overview): void {
    if (this.#viewers.size === 0) {
      this.#told = undefined;
      return;
    }
    const before = this.#told;
    this.#told = overview;
    const change = before === undefined ? undefined : eventOf('change', changesBetween(before, overview));
    let everything: string | undefined;
    for (const viewer of this.#viewers) {
      if (this.#endIfOver(viewer) || this.#isWaiting(viewer)) continue;
      const isBehind = viewer.isBehind || change === undefined;
      viewer.isBehind = false;
      viewer.response.write(isBehind ? (everything ??= eventOf('overview', overview)) : change);
    }
  }

  close(): void {
    for (const { response } of this.#viewers) response.end();
    this.#viewers.clear();
  }

  #isWaiting(viewer: Viewer): boolean {
    const isWaiting = viewer.response.writableLength > MAX_WAITING_BYTES;
    if (isWaiting) viewer.isBehind = true;
    viewer.stalledSinceMs = isWaiting ? (viewer.stalledSinceMs ?? performance.now()) : undefined;
    return isWaiting;
  }

  #endIfOver({ response, sinceMs, stalledSinceMs }: Viewer): boolean {
    const nowMs = performance.now();
    if (stalledSinceMs !== undefined && nowMs - stalledSinceMs > MAX_STALLED_MS) response.destroy();
    else if (nowMs - sinceMs > MAX_STREAM_MS) response.end();
    else return false;
    return true;
  }
}

/** JSON has no line breaks in it, so one line of data is enough. */
function eventOf(name: string, value: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
