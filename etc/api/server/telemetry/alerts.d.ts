import type { InspectableFactory } from '../inspection.ts';
import type { Alert } from './alert.ts';
import { type AlertsOptions } from './alert-options.ts';
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
export declare function watchAlerts(factory: InspectableFactory, options: AlertsOptions): Alerts;
