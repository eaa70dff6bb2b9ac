import type { ReleaseReport } from '@watertight/server';
import { SpecimenChild } from './specimen-child.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import { nowMs } from './specimen-options.ts';
import { SpecimenScope } from './specimen-scope.ts';

/** One admitted session of one user. */
export class SpecimenManager extends SpecimenScope {
  readonly id: string;
  readonly user: string;
  readonly createdAtMs: number = nowMs();
  readonly connections: Set<SpecimenConnection> = new Set();
  readonly children: SpecimenChild[] = [];
  sessionId: string | undefined;
  /** Where its client came from, if that was said. */
  address: string | undefined;
  state: 'pending' | 'active' | 'closing' | 'closed' = 'pending';
  /** Why it ended; empty before. */
  endReason = '';
  /** The one release, for whoever asks for it first and everybody after. */
  releasing: Promise<ReleaseReport> | undefined;
  /** Whether its end waits for work in flight. */
  drains = false;
  #workedAtMs = 0;
  readonly #working: Set<Promise<unknown>> = new Set();
  readonly #controller: AbortController = new AbortController();

  constructor(id: string, user: string) {
    super();
    this.id = id;
    this.user = user;
  }

  /** From the moment its end is issued. */
  override get ended(): boolean {
    return this.state === 'closing' || this.state === 'closed';
  }

  /** A scope of its own within this one. */
  child(): SpecimenChild {
    const child = new SpecimenChild(this);
    this.children.push(child);
    return child;
  }

  /** Work that must not be interrupted. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    const running = (async () => await work())();
    this.#working.add(running);
    try {
      return await running;
    } finally {
      this.#working.delete(running);
      this.#workedAtMs = nowMs();
    }
  }

  get inFlight(): number {
    return this.#working.size;
  }

  /** When somebody last wanted something of it: its admission, a message, the end of work. */
  get usedAtMs(): number {
    return Math.max(this.createdAtMs, this.#workedAtMs, ...[...this.connections].map(({ usedAtMs }) => usedAtMs));
  }

  /** Resolves when the work that is in flight now has ended, however. */
  async worked(): Promise<void> {
    await Promise.allSettled(this.#working);
  }

  /** Aborted when its end is issued, or when work in flight is waited for no longer. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller.abort();
  }

  get unsentBytes(): number {
    return this.live.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0);
  }

  get live(): readonly SpecimenConnection[] {
    return [...this.connections].filter((connection) => connection.endedAtMs === undefined);
  }
}
