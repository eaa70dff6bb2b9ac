import type { ReleaseReport } from '@watertight/server';
import type { SpecimenConnection } from './specimen-connection.ts';
import { nowMs } from './specimen-options.ts';

/** What a finalizer is told: why, and by its signal that nobody waits any longer. */
export interface FinalizerContext {
  readonly reason: string;
  readonly signal: AbortSignal;
}

export interface Finalizer {
  readonly name: string;
  readonly registeredAt: string;
  readonly run: (context: FinalizerContext) => unknown;
}

/** One admitted session of one user. */
export class SpecimenManager {
  readonly id: string;
  readonly user: string;
  readonly createdAtMs: number = nowMs();
  readonly connections: Set<SpecimenConnection> = new Set();
  readonly finalizers: Finalizer[] = [];
  state: 'pending' | 'active' | 'closing' | 'closed' = 'pending';
  /** The one release, for whoever asks for it first and everybody after. */
  releasing: Promise<ReleaseReport> | undefined;
  /** Whether its end waits for work in flight. */
  drains = false;
  readonly #working: Set<Promise<unknown>> = new Set();
  readonly #controller: AbortController = new AbortController();

  constructor(id: string, user: string) {
    this.id = id;
    this.user = user;
  }

  /** Registers what has to be undone at the end; last registered, first run. */
  defer(run: Finalizer['run'], { name = run.name || 'anonymous' }: { readonly name?: string } = {}): void {
    this.finalizers.push({ name, registeredAt: callSite(), run });
  }

  /** Work that must not be interrupted. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    const running = (async () => await work())();
    this.#working.add(running);
    try {
      return await running;
    } finally {
      this.#working.delete(running);
    }
  }

  get inFlight(): number {
    return this.#working.size;
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

  get live(): readonly SpecimenConnection[] {
    return [...this.connections].filter((connection) => connection.endedAtMs === undefined);
  }
}

/** Where `defer` was called: the frame above this one and above `defer`. */
function callSite(): string {
  const frame = new Error('call site').stack?.split('\n')[3] ?? '';
  return /([^/(\s]+:\d+):\d+\)?$/.exec(frame)?.[1] ?? (frame.trim() || 'unknown');
}
