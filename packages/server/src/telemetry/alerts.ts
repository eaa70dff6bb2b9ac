import { type Clock, MAX_TIMER_MS, systemClock, type Timer } from '../clock.ts';
import { InvalidOptionsError } from '../errors.ts';
import type { InspectableFactory } from '../inspection.ts';
import type { FactoryStats } from '../stats.ts';
import type { Alert } from './alert.ts';
import { ALERT_RULES, ALERT_WINDOW_MS, type AlertRule, type AlertView } from './alert-rules.ts';
import { Forecast } from './forecast.ts';

export type { Alert, AlertSeverity } from './alert.ts';
export { ALERT_RULES, type AlertRule, type AlertView } from './alert-rules.ts';
export { type Webhook, webhook, type WebhookOptions } from './webhook.ts';

export interface AlertsOptions {
  /** Whom to tell. What it throws is given to `onError`. */
  readonly notify: (alert: Alert) => unknown;
  /** Default: {@link ALERT_RULES}. */
  readonly rules?: readonly AlertRule[];
  /** How often the rules are looked at, in milliseconds; default 15 000, at least 100, at most 2 147 483 647. */
  readonly intervalMs?: number;
  /** Default: ignored, as an alert that cannot be told must end nobody's process. */
  readonly onError?: (error: unknown) => void;
  /** Default: {@link systemClock}. */
  readonly clock?: Clock;
}

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

const DEFAULT_INTERVAL_MS = 15_000;
const LEAST_INTERVAL_MS = 100;

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
  throwIfInvalid(options);
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
    this.#clock.clear(this.#timer);
    if (this.firing().length > 0 && this.#factory.stats().state === 'closed') this.#look();
  }

  #look(): void {
    const stats = this.#factory.stats();
    const { options } = this.#factory;
    const nowMs = this.#clock.now();
    while (this.#past.length > 1 && (this.#past[0]?.takenAtMs ?? 0) < stats.takenAtMs - ALERT_WINDOW_MS)
      this.#past.shift();
    const before = this.#past[0] ?? stats;
    const view: AlertView = { stats, options, before, forecast: this.#forecast.look({ stats, options }) };
    this.#past.push(stats);
    for (const state of this.#states) this.#judge(state, view, nowMs);
  }

  #judge(state: RuleState, view: AlertView, nowMs: number): void {
    const { rule } = state;
    let value: number | undefined;
    try {
      value = view.stats.state === 'closed' ? undefined : rule.value(view);
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

function throwIfInvalid({ notify, intervalMs = DEFAULT_INTERVAL_MS, rules = ALERT_RULES }: AlertsOptions): void {
  const problems: string[] = [];
  if (typeof notify !== 'function') problems.push(`notify is ${typeof notify}; it must be a function`);
  if (!(intervalMs >= LEAST_INTERVAL_MS))
    problems.push(`intervalMs is ${intervalMs} ms; it must be at least ${LEAST_INTERVAL_MS} ms`);
  if (intervalMs > MAX_TIMER_MS)
    problems.push(
      `intervalMs is ${intervalMs} ms; it must be at most ${MAX_TIMER_MS} ms, the longest that a timer waits`,
    );
  for (const { name, raiseAt, clearBelow, forMs } of rules) {
    if (!(clearBelow <= raiseAt))
      problems.push(`rule ${name}: clearBelow is ${clearBelow}; it must be at most raiseAt, ${raiseAt}`);
    if (!(forMs >= 0)) problems.push(`rule ${name}: forMs is ${forMs} ms; it must be at least 0 ms`);
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}
