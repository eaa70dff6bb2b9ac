import { type Clock, systemClock, type Timer } from '../clock.ts';
import type { InspectableFactory } from '../inspection.ts';
import type { FactoryStats } from '../stats.ts';
import type { Alert } from './alert.ts';
import { type AlertsOptions, DEFAULT_INTERVAL_MS, throwIfInvalid } from './alert-options.ts';
import { ALERT_RULES, ALERT_WINDOW_MS, type AlertRule, type AlertView } from './alert-rules.ts';
import { Forecast } from './forecast.ts';
import { show } from '../show.ts';
import { isThenable } from '../thenable.ts';

export type { Alert, AlertSeverity } from './alert.ts';
export type { AlertsOptions } from './alert-options.ts';
export { ALERT_RULES, type AlertRule, type AlertView } from './alert-rules.ts';
export { type Webhook, webhook, type WebhookOptions } from './webhook.ts';

export interface Alerts {
  /** What fires now. */
  firing(): readonly Alert[];
  /** Looks no more. Where the factory is closed, whatever still fires is told to be over first. */
  stop(): void;
}

interface RuleState {
  readonly rule: AlertRule;
  sinceMs: number | undefined;
  told: Alert | undefined;
}

/**
 * Watches one factory for those who have no Prometheus: the rules are those of `deploy/prometheus/alerts.yml`, each with a level at
 * which it is raised and another at which it is over, so that nobody is told twice of the same.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { watchAlerts, webhook } from '@watertight/server/alerts';
 *
 * const factory = createManagerFactory();
 * const hook = webhook('https://hooks.example.com/ops', { format: 'slack' });
 * const alerts = watchAlerts(factory, { notify: hook.notify });
 * alerts.stop();
 * await hook.close();
 * await factory.close();
 * ```
 *
 * Its timer keeps no process alive. Each look takes a snapshot, which is one pass over the users. A factory that is closed locks nobody
 * out any more: close it, then `stop()`, then `close({ flushMs })` the webhook, and nobody is left with an alert that nothing will take back.
 * @throws InvalidOptionsError naming every problem at once.
 */
export function watchAlerts(factory: InspectableFactory, options: AlertsOptions): Alerts {
  throwIfInvalid(factory, options);
  return new AlertWatch(factory, options);
}

class AlertWatch implements Alerts {
  readonly #factory: InspectableFactory;
  readonly #notify: AlertsOptions['notify'];
  readonly #onError: (error: unknown) => void;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #states: readonly RuleState[];
  readonly #forecast = new Forecast();
  readonly #past: FactoryStats[] = [];
  #isStopped = false;

  constructor(factory: InspectableFactory, options: AlertsOptions) {
    const { notify, rules = ALERT_RULES, intervalMs = DEFAULT_INTERVAL_MS, onError, clock = systemClock } = options;
    this.#factory = factory;
    this.#notify = notify;
    this.#onError = (error) => {
      try {
        onError?.(error);
      } catch {
        // It is called where nobody can catch what it throws, and an alert that cannot be told must end nobody's process.
      }
    };
    this.#clock = clock;
    this.#states = rules.map((rule) => ({ rule, sinceMs: undefined, told: undefined }));
    this.#past.push(factory.stats());
    this.#timer = clock.setInterval(() => this.#look(), intervalMs);
  }

  firing(): readonly Alert[] {
    return this.#states.flatMap(({ told }) => told ?? []);
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#clock.clear(this.#timer);
    if (this.firing().length > 0 && this.#factory.stats().state === 'closed') this.#look(true);
  }

  #look(isLast = false): void {
    const stats = this.#factory.stats();
    const { options } = this.#factory;
    const nowMs = this.#clock.now();
    while (this.#past.length > 1 && (this.#past[0]?.takenAtMs ?? 0) < stats.takenAtMs - ALERT_WINDOW_MS)
      this.#past.shift();
    const before = this.#past[0] ?? stats;
    const view: AlertView = { stats, options, before, forecast: this.#forecast.look({ stats, options }) };
    this.#past.push(stats);
    for (const state of this.#states) {
      // By whoever was told of the rule before.
      if (this.#isStopped && !isLast) return;
      this.#judge(state, view, nowMs);
    }
  }

  #judge(state: RuleState, view: AlertView, nowMs: number): void {
    const { rule } = state;
    let value: number | undefined;
    try {
      value = view.stats.state === 'closed' ? undefined : signalOf(rule, view);
    } catch (error) {
      this.#onError(error);
      return;
    }
    const isOver = value === undefined || value < (state.told === undefined ? rule.raiseAt : rule.clearBelow);
    if (isOver) {
      const { told, sinceMs = nowMs } = state;
      state.sinceMs = undefined;
      state.told = undefined;
      if (told !== undefined) this.#tell({ ...told, state: 'resolved', value: value ?? null, forMs: nowMs - sinceMs });
      return;
    }
    state.sinceMs ??= nowMs;
    if (state.told !== undefined || nowMs - state.sinceMs < rule.forMs) return;
    state.told = {
      rule: rule.name,
      state: 'firing',
      severity: rule.severity,
      factory: view.stats.name,
      user: this.#userOf(rule, view),
      value: value ?? null,
      summary: rule.summary,
      forMs: nowMs - state.sinceMs,
    };
    this.#tell(state.told);
  }

  /** An alert is told also where nobody can be named. */
  #userOf(rule: AlertRule, view: AlertView): string | null {
    try {
      return rule.user?.(view) ?? null;
    } catch (error) {
      this.#onError(error);
      return null;
    }
  }

  #tell(alert: Alert): void {
    void (async () => this.#notify(alert))().catch((error: unknown) => this.#onError(error));
  }
}

/** What is no number is a mistake of the rule; one of nothing, as a share of 0 is, is no signal. */
function signalOf(rule: AlertRule, view: AlertView): number | undefined {
  const value: unknown = rule.value(view);
  if (value === undefined || value === null || Number.isNaN(value)) return undefined;
  if (typeof value === 'number') return value;
  const got = isThenable(value) ? 'a promise' : show(value);
  throw new TypeError(
    `rule ${rule.name}: value must answer a number, or undefined where it does not apply; got ${got}`,
  );
}
