import type { Alert } from './alert.ts';
export interface WebhookOptions {
    /** `'generic'`, the default: the alert as JSON. `'slack'`: a text, as Slack and those compatible with it take it. */
    readonly format?: 'generic' | 'slack';
    /**
     * Signs each body: `X-Watertight-Signature: t=<seconds since 1970>,v1=<hex>`, an HMAC-SHA256 over `<t>.<body>`. Default: not signed.
     */
    readonly secret?: string;
    /** For one attempt, in milliseconds; default 5 000. */
    readonly timeoutMs?: number;
    /** How often one alert is tried; default 5, with doubling pauses from `retryDelayMs` on. */
    readonly maxAttempts?: number;
    /** Before the second attempt, in milliseconds; default 1 000. */
    readonly retryDelayMs?: number;
    /** Alerts that wait; beyond it the oldest is dropped. Default 100. */
    readonly maxQueued?: number;
}
export interface Webhook {
    /** For the `notify` of `watchAlerts`. Returns at once. A property, so that it can be handed over by itself. */
    readonly notify: (alert: Alert) => void;
    /** Alerts that were given up or dropped so far. */
    readonly lost: number;
    /**
     * Takes nothing more, goes on for at most `flushMs` (default 0: not at all) with what it has, gives the rest up, and resolves when
     * nothing is under way.
     */
    close(options?: {
        readonly flushMs?: number;
    }): Promise<void>;
}
/**
 * Sends alerts to a URL, one after another in their order. An answer of 2xx is a success; 408, 425, 429, 5xx and no answer are tried again,
 * no sooner than a `Retry-After` asks for, up to a minute.
 * @throws InvalidOptionsError naming every problem at once.
 */
export declare function webhook(url: string, options?: WebhookOptions): Webhook;
