import type { ReleaseReport } from '@watertight/server';
import type { SpecimenConnection } from './specimen-connection.ts';
import { nowMs } from './specimen-options.ts';

export interface Finalizer {
  readonly name: string;
  readonly registeredAt: string;
  readonly run: () => unknown;
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

  constructor(id: string, user: string) {
    this.id = id;
    this.user = user;
  }

  /** Registers what has to be undone at the end; last registered, first run. */
  defer(run: () => unknown, name: string = run.name || 'anonymous'): void {
    this.finalizers.push({ name, registeredAt: callSite(), run });
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
