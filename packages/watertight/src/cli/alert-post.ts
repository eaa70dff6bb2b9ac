import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Alert } from '@watertight/server/alerts';

import { httpText } from '../target/http-text.ts';

export interface AlertPostOptions {
  readonly url: URL;
  readonly format: 'generic' | 'slack';
  /** Signs each body as the webhook of `@watertight/server/alerts` does. */
  readonly secret: string | undefined;
  /** Called for each alert that nobody got, with the reason. */
  readonly onLost: (reason: string) => void;
  /** Before the second attempt; doubles from then on. */
  readonly retryDelayMs?: number;
}

const TIMEOUT_MS = 5_000;
const MAX_ATTEMPTS = 5;
const MAX_QUEUED = 100;
/** At the end, for what is still to be sent. */
const FLUSH_MS = 5_000;

/**
 * Posts alerts in their order, in the form and with the signature of the webhook of `@watertight/server`, whose code this package
 * may not import: one receiver serves both. A bounded queue, and bounded attempts.
 */
export class AlertPost {
  readonly #options: AlertPostOptions;
  readonly #queue: Alert[] = [];
  readonly #ending = new AbortController();
  #sending: Promise<void> | undefined;

  constructor(options: AlertPostOptions) {
    this.#options = options;
  }

  send(alert: Alert): void {
    this.#queue.push(alert);
    if (this.#queue.length > MAX_QUEUED) {
      this.#queue.shift();
      this.#options.onLost(`more than ${MAX_QUEUED} were waiting`);
    }
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
  }

  /** Waits a while for what is under way, and gives the rest up. */
  async close(): Promise<void> {
    const giveUp = setTimeout(() => this.#ending.abort(), FLUSH_MS);
    await this.#sending;
    clearTimeout(giveUp);
  }

  async #sendAll(): Promise<void> {
    for (let alert = this.#queue.shift(); alert !== undefined; alert = this.#queue.shift()) {
      const reason = await this.#deliver(alert);
      if (reason !== undefined) this.#options.onLost(reason);
    }
  }

  /** `undefined` when it was taken, else why it was not. */
  async #deliver(alert: Alert): Promise<string | undefined> {
    const { url, format, retryDelayMs = 1_000 } = this.#options;
    const body = JSON.stringify(format === 'slack' ? { text: slackText(alert) } : alert);
    let reason = 'the observation ended before it could be';
    for (let attempt = 1; !this.#ending.signal.aborted; attempt += 1) {
      const answer = await httpText(url, TIMEOUT_MS, { headers: this.#headers(body), body });
      const status = answer?.status ?? 0;
      if (status >= 200 && status < 300) return undefined;
      reason = answer === undefined ? 'no answer' : `HTTP ${status}`;
      const isWorthAnother = status === 0 || status >= 500 || [408, 425, 429].includes(status);
      if (!isWorthAnother || attempt >= MAX_ATTEMPTS) return reason;
      const pauseMs = retryDelayMs * 2 ** (attempt - 1);
      await delay(pauseMs, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
    return reason;
  }

  #headers(body: string): Record<string, string> {
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const { secret } = this.#options;
    if (secret === undefined) return headers;
    const seconds = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
    return { ...headers, 'x-watertight-signature': `t=${seconds},v1=${signature}` };
  }
}

/** Nothing in it may be markup: Slack reads `<`, `>` and `&` as such. */
function slackText({ rule, state, severity, factory, summary }: Alert): string {
  const text = `${state} [${severity}] ${rule}: ${factory}\n${summary}`;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
