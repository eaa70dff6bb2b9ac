import { setTimeout as delay } from 'node:timers/promises';
import type { LifeDrive } from './recipes/types.ts';
import type { Attempt, Drive } from './types.ts';

/** So many attempts in a row that are answered 5xx are a storm: somebody is in trouble, and more connections are no help. */
const STORM_COUNT = 5;

/** How clients behave towards a server that others use as well. */
export interface Manners {
  /** Waits until `count` more connections may be opened. Rejects when the run is aborted. */
  takePlace(count?: number): Promise<void>;
  /** So many more were opened than places were taken: whoever comes next waits the longer. */
  owe(count: number): void;
  /** How an attempt was answered: an HTTP status, or `undefined` when it was admitted or refused in another way. */
  note(httpStatus: number | undefined): void;
}

/** Evenly spaced, without bursts saved up; the end comes at the first storm of 5xx. */
export function politeManners(options: {
  /** Connections a second; `undefined`: no limit. */
  readonly ratePerSecond: number | undefined;
  /** Called once, with a sentence. */
  readonly onStorm: (sentence: string) => void;
  readonly signal: AbortSignal;
}): Manners {
  const { ratePerSecond, onStorm, signal } = options;
  const spacingMs = ratePerSecond === undefined ? 0 : 1_000 / ratePerSecond;
  let nextAtMs = -Infinity;
  let inARow = 0;
  return {
    async takePlace(count = 1) {
      if (spacingMs === 0) return;
      const nowMs = performance.now();
      const startAtMs = Math.max(nowMs, nextAtMs);
      nextAtMs = startAtMs + spacingMs * count;
      if (startAtMs > nowMs) await delay(startAtMs - nowMs, undefined, { signal });
    },
    owe(count) {
      nextAtMs = Math.max(performance.now(), nextAtMs) + spacingMs * count;
    },
    note(httpStatus) {
      inARow = httpStatus !== undefined && httpStatus >= 500 ? inARow + 1 : 0;
      if (inARow === STORM_COUNT)
        onStorm(`stopped at a storm of 5xx: ${STORM_COUNT} attempts in a row were answered HTTP ${httpStatus}`);
    },
  };
}

/** A drive whose every connection is opened with manners. */
export function politeDrive(drive: Drive, manners: Manners): Drive {
  const noted = (attempt: Attempt): Attempt => {
    manners.note(attempt.admitted ? undefined : attempt.httpStatus);
    return attempt;
  };
  return {
    get openCount() {
      return drive.openCount;
    },
    get madeCount() {
      return drive.madeCount;
    },
    userId: (index) => drive.userId(index),
    connect: async (user, options) => {
      await manners.takePlace();
      return noted(await drive.connect(user, options));
    },
    connectNameless: async (options) => {
      await manners.takePlace();
      return noted(await drive.connectNameless(options));
    },
    connectTalking: async (user, behind) => {
      await manners.takePlace();
      return noted(await drive.connectTalking(user, behind));
    },
    abortInUpgrade: async (user) => {
      await manners.takePlace();
      return await drive.abortInUpgrade(user);
    },
    connectEarly: async (user, options) => {
      await manners.takePlace();
      const early = await drive.connectEarly(user, options);
      noted(early.attempt);
      return early;
    },
    connectAtOnce: async (user, count) => {
      // They leave together all the same; whoever comes next waits the longer.
      await manners.takePlace(count);
      return (await drive.connectAtOnce(user, count)).map(noted);
    },
    dispose: () => drive.dispose(),
  };
}

/** The same for lives of a recipe, one of which may open several connections: how many is known when it is over. */
export function politeLives(lives: LifeDrive, manners: Manners): LifeDrive {
  let placeCount = 0;
  return {
    recipe: lives.recipe,
    each: lives.each,
    introduces: lives.introduces,
    get heldCount() {
      return lives.heldCount;
    },
    get madeCount() {
      return lives.madeCount;
    },
    live: async (options) => {
      await manners.takePlace();
      const report = await lives.live(options);
      placeCount += 1;
      const more = lives.madeCount - placeCount;
      if (more > 0) manners.owe(more);
      placeCount += Math.max(0, more);
      manners.note(report.refused?.httpStatus);
      return report;
    },
    releaseHeld: () => lives.releaseHeld(),
    dispose: () => lives.dispose(),
  };
}
