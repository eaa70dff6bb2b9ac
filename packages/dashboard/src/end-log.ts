import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import type { ReleaseReport } from '@watertight/server';

import { Ring } from './ring.ts';

/** The end of one manager. */
export interface EndedManager {
  /** When everything of it was gone, ISO 8601. */
  readonly at: string;
  readonly factory: string;
  readonly report: ReleaseReport;
}

/** Which ends are wanted. */
export interface EndsQuery {
  readonly factory?: string | undefined;
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
  readonly count: number;
}

interface Ended {
  readonly atMs: number;
  readonly factory: string;
  readonly report: ReleaseReport;
}

const CHANNEL = 'watertight:manager:released';

/** The last managers that ended, of the factories that are shown. */
export class EndLog {
  readonly #ends: Ring<Ended>;
  readonly #names: ReadonlySet<string>;
  readonly #take = (message: unknown): void => {
    const { factory, report } = message as { readonly factory: string; readonly report: ReleaseReport };
    if (this.#names.has(factory)) this.#ends.add({ atMs: Date.now(), factory, report });
  };

  constructor(names: Iterable<string>, size: number) {
    this.#names = new Set(names);
    this.#ends = new Ring(size);
    if (size > 0) subscribe(CHANNEL, this.#take);
  }

  newest({ factory, user, reason, count }: EndsQuery): readonly EndedManager[] {
    return this.#ends
      .newest(
        count,
        (end) =>
          (factory === undefined || end.factory === factory) &&
          (user === undefined || end.report.user === user) &&
          (reason === undefined || end.report.reason === reason),
      )
      .map(({ atMs, ...end }) => ({ at: new Date(atMs).toISOString(), ...end }));
  }

  stop(): void {
    unsubscribe(CHANNEL, this.#take);
  }
}
