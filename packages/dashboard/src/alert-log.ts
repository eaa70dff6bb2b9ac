import type { ManagerFactory } from '@watertight/server';
import { type Alert, type Alerts, watchAlerts } from '@watertight/server/alerts';

import type { ShownAlerts } from './options.ts';
import { Ring } from './ring.ts';

/** What fires now. */
export interface FiringAlert extends Alert {
  /** Since when its signal is too high, ISO 8601. */
  readonly since: string;
}

/** An alert that was raised, or is over. */
export interface AlertChange extends Alert {
  /** When, ISO 8601. */
  readonly at: string;
}

const REMEMBERED = 200;

/** Watches the factories by the rules that the server has, and remembers what became of them. */
export class AlertLog {
  readonly #watches = new Map<ManagerFactory, Alerts>();
  readonly #changes = new Ring<AlertChange>(REMEMBERED);
  readonly #sinceMs = new WeakMap<Alert, number>();

  constructor(factories: Iterable<ManagerFactory>, shown: ShownAlerts, onError: (error: unknown) => void) {
    const notify = (alert: Alert): void => {
      this.#sinceMs.set(alert, Date.now() - alert.forMs);
      this.#changes.add({ ...alert, at: new Date().toISOString() });
    };
    for (const factory of factories) this.#watches.set(factory, watchAlerts(factory, { ...shown, notify, onError }));
  }

  firing(factory: ManagerFactory): readonly FiringAlert[] {
    const firing = this.#watches.get(factory)?.firing() ?? [];
    return firing.map((alert) => ({ ...alert, since: new Date(this.#sinceMs.get(alert) ?? Date.now()).toISOString() }));
  }

  changes(): readonly AlertChange[] {
    return this.#changes.newest(REMEMBERED);
  }

  stop(): void {
    for (const watch of this.#watches.values()) watch.stop();
  }
}
