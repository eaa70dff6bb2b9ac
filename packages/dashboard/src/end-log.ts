import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import type { ManagerFactory, ReleaseReport } from '@watertight/server';

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
  readonly #factories: ReadonlyMap<string, ManagerFactory>;
  readonly #take = (message: unknown): void => {
    const { factory, report } = message as { readonly factory: string; readonly report: ReleaseReport };
    // Another one of this process may be called the same, as all are that nobody named.
    if (this.#factories.get(factory)?.made(report.managerId) === true)
      this.#ends.add({ atMs: Date.now(), factory, report });
  };

  constructor(factories: ReadonlyMap<string, ManagerFactory>, size: number) {
    this.#factories = factories;
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
