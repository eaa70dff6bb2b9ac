import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { MAX_TIMER_MS } from '../clock.ts';
import { InvalidOptionsError } from '../errors.ts';
import { throwIfNoOptions, unknownOptions } from '../given-options.ts';
import { show } from '../show.ts';
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
  close(options?: { readonly flushMs?: number }): Promise<void>;
}

const LONGEST_RETRY_MS = 60_000;
const ICONS = { firing: ':rotating_light:', resolved: ':white_check_mark:' } as const;

/**
 * Sends alerts to a URL, one after another in their order. An answer of 2xx is a success; 408, 425, 429, 5xx and no answer are tried again,
 * no sooner than a `Retry-After` asks for, up to a minute.
 * @throws InvalidOptionsError naming every problem at once.
 */
export function webhook(url: string, options: WebhookOptions = {}): Webhook {
  throwIfInvalid(url, options);
  return new WebhookQueue(url, options);
}

class WebhookQueue implements Webhook {
  lost = 0;
  readonly #url: string;
  readonly #format: NonNullable<WebhookOptions['format']>;
  readonly #secret: string | undefined;
  readonly #timeoutMs: number;
  readonly #maxAttempts: number;
  readonly #retryDelayMs: number;
  readonly #maxQueued: number;
  readonly #queue: Alert[] = [];
  readonly #closing = new AbortController();
  #isClosed = false;
  #sending: Promise<void> | undefined;

  constructor(url: string, options: WebhookOptions) {
    this.#url = url;
    this.#format = options.format ?? 'generic';
    this.#secret = options.secret;
    this.#timeoutMs = options.timeoutMs ?? 5_000;
    this.#maxAttempts = options.maxAttempts ?? 5;
    this.#retryDelayMs = options.retryDelayMs ?? 1_000;
    this.#maxQueued = options.maxQueued ?? 100;
  }

  readonly notify = (alert: Alert): void => {
    if (this.#isClosed) return;
    this.#queue.push(alert);
    if (this.#queue.length > this.#maxQueued) {
      this.#queue.shift();
      this.lost += 1;
    }
    this.#sending ??= this.#sendAll();
  };

  async close({ flushMs = 0 }: { readonly flushMs?: number } = {}): Promise<void> {
    if (!(flushMs >= 0)) throw new InvalidOptionsError([`flushMs is ${flushMs} ms; it must be at least 0 ms`]);
    if (flushMs > MAX_TIMER_MS) throw new InvalidOptionsError([tooLong('flushMs', flushMs)]);
    this.#isClosed = true;
    if (flushMs > 0 && this.#sending !== undefined) {
      // It keeps the process alive, so that an alert is not lost by the end of a process that has nothing else to do.
      const timer = setTimeout(() => this.#giveUp(), flushMs);
      await this.#sending;
      clearTimeout(timer);
    }
    this.#giveUp();
    await this.#sending;
  }

  #giveUp(): void {
    this.#closing.abort();
    this.lost += this.#queue.splice(0).length;
  }

  async #sendAll(): Promise<void> {
    for (let alert = this.#queue.shift(); alert !== undefined; alert = this.#queue.shift()) {
      if (!(await this.#deliver(alert))) this.lost += 1;
    }
    // In the stretch that found nothing left: an alert that comes a moment later begins anew.
    this.#sending = undefined;
  }

  async #deliver(alert: Alert): Promise<boolean> {
    const body = JSON.stringify(this.#format === 'slack' ? { text: slackText(alert) } : alert);
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#post(body);
      if (typeof outcome === 'boolean') return outcome;
      if (attempt >= this.#maxAttempts || this.#closing.signal.aborted) return false;
      const backoffMs = this.#retryDelayMs * 2 ** (attempt - 1);
      const pauseMs = Math.min(Math.max(backoffMs, outcome.retryAfterMs), LONGEST_RETRY_MS);
      // Ends early, and then gives up, when it is closed.
      await delay(pauseMs, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
    }
  }

  /** Whether it is delivered; where that may still come about, how long it is asked to wait for it. */
  async #post(body: string): Promise<boolean | { readonly retryAfterMs: number }> {
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(this.#timeoutMs), this.#closing.signal]);
      // Followed, a 302 would become a GET without the alert, and a 307 hand it and its signature to somebody else.
      const redirect = 'manual';
      const response = await fetch(this.#url, { method: 'POST', headers: this.#headers(body), body, redirect, signal });
      await response.body?.cancel();
      const isForAWhile = response.status >= 500 || [408, 425, 429].includes(response.status);
      return isForAWhile ? { retryAfterMs: retryAfterOf(response.headers.get('retry-after')) } : response.ok;
    } catch {
      return { retryAfterMs: 0 };
    }
  }

  #headers(body: string): Record<string, string> {
    const headers: Record<string, string> = { 'Content-Type': 'application/json' };
    if (this.#secret !== undefined) {
      const seconds = Math.floor(Date.now() / 1000);
      const signature = createHmac('sha256', this.#secret).update(`${seconds}.${body}`).digest('hex');
      headers['X-Watertight-Signature'] = `t=${seconds},v1=${signature}`;
    }
    return headers;
  }
}

/** In seconds, as those who limit a rate say it; anything else asks for nothing. */
function retryAfterOf(header: string | null): number {
  return header !== null && /^\d+$/.test(header) ? Number(header) * 1000 : 0;
}

/** What comes from users may hold no markup: what stands between backticks Slack leaves as it is, but for `<`, `>` and `&`. */
function slackText({ rule, state, severity, factory, user, value, summary }: Alert): string {
  const who = user === null ? '' : `, user \`${escapeSlack(user.replaceAll(UNQUOTABLE, '\uFFFD'))}\``;
  const at = value === null ? '' : ` (${Number(value.toPrecision(3))})`;
  return `${ICONS[state]} ${state} [${severity}] ${rule}${at}: ${escapeSlack(factory)}${who}\n${summary}`;
}

/** What would end the quotation, begin a line, or turn round what follows. */
const UNQUOTABLE = /[`\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;

function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Node would take a longer time for none. */
function tooLong(name: string, valueMs: number): string {
  return `${name} is ${valueMs} ms; it must be at most ${MAX_TIMER_MS} ms, the longest that a timer waits`;
}

const KNOWN: ReadonlySet<string> = new Set<keyof WebhookOptions>([
  'format',
  'secret',
  'timeoutMs',
  'maxAttempts',
  'retryDelayMs',
  'maxQueued',
]);

function throwIfInvalid(url: string, options: WebhookOptions): void {
  throwIfNoOptions(options, 'webhook must be an object, or left out');
  const problems = unknownOptions(options, KNOWN, ' of webhook');
  const { format = 'generic', secret } = options;
  if (format !== 'generic' && format !== 'slack')
    problems.push(`format must be 'generic' or 'slack'; got ${show(format)}`);
  if (secret !== undefined && (typeof secret !== 'string' || secret === ''))
    problems.push(
      `secret must be a string that is not empty, or left out; got ${secret === '' ? '""' : typeof secret}`,
    );
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    problems.push(`url is ${JSON.stringify(url)}; it must be an http: or https: URL`);
  else if (new URL(url).username !== '' || new URL(url).password !== '')
    problems.push('url has a user or a password in it, with which fetch sends nothing');
  const atLeast = (name: 'timeoutMs' | 'maxAttempts' | 'retryDelayMs' | 'maxQueued', unit: string): void => {
    const value = options[name];
    if (value !== undefined && !(Number.isFinite(value) && value >= 1))
      problems.push(`${name} is ${value}${unit}; it must be at least 1${unit}`);
    else if (value !== undefined && unit === ' ms' && value > MAX_TIMER_MS) problems.push(tooLong(name, value));
  };
  atLeast('timeoutMs', ' ms');
  atLeast('retryDelayMs', ' ms');
  atLeast('maxAttempts', '');
  atLeast('maxQueued', '');
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}
