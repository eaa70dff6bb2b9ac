import type { CheckSettings } from './settings.ts';

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';
/** Shorter ones are words: everything would be redacted. */
const SHORTEST = 4;
/** Parameters of a URL that are secrets by their name. */
const SECRET_PARAMETER = /token|secret|password|passwd|api[-_]?key|auth|signature|session|jwt/i;

/** Everything of a run that no report, line or metric may show; minted tokens come in while it goes on. */
export class Secrets {
  readonly #values = new Set<string>();

  add(value: string | undefined): void {
    if (value === undefined || value.length < SHORTEST) return;
    this.#values.add(value);
    this.#values.add(encodeURIComponent(value));
    this.#values.add(JSON.stringify(value).slice(1, -1));
  }

  addUrl(url: URL | string | undefined): void {
    if (url === undefined || !URL.canParse(String(url))) return;
    const { username, password, searchParams } = new URL(String(url));
    if (password !== '') this.add(decodeURIComponent(password));
    if (password !== '') this.add(`${username}:${password}`);
    for (const [name, value] of searchParams) if (SECRET_PARAMETER.test(name)) this.add(value);
  }

  /** The text without any of them. */
  redact(text: string): string {
    let redacted = text;
    // The longest first: one may be part of another.
    for (const value of [...this.#values].toSorted((one, other) => other.length - one.length))
      redacted = redacted.replaceAll(value, REDACTED);
    return redacted;
  }

  /** The same value with every text in it redacted, the names of properties too. */
  redactAll<T>(value: T): T {
    return this.#values.size === 0 ? value : (this.#copy(value) as T);
  }

  #copy(value: unknown): unknown {
    if (typeof value === 'string') return this.redact(value);
    if (Array.isArray(value)) return value.map((item) => this.#copy(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [this.redact(name), this.#copy(item)]));
  }
}

/** The secrets that the command line and the config file hold. */
export function secretsOf(settings: CheckSettings): Secrets {
  const secrets = new Secrets();
  const { target, fleet, user, userCommand } = settings;
  for (const value of Object.values(fleet.headers)) {
    secrets.add(value);
    // `Bearer abc`: the token is one by itself as well.
    for (const word of value.split(/\s+/).slice(1)) secrets.add(word);
    for (const pair of value.split(/;\s*/)) secrets.add(pair.slice(pair.indexOf('=') + 1));
  }
  secrets.addUrl(fleet.proxy);
  secrets.addUrl(fleet.push);
  if ('url' in target) secrets.addUrl(target.url);
  if ('command' in target) for (const value of secretsIn(target.command)) secrets.add(value);
  // A command that mints tokens may hold a key itself; a template may hold a password beside the id.
  secrets.add(userCommand);
  for (const [, value] of (user ?? '').matchAll(/"(?:password|passwd|secret|token|api_?key)"\s*:\s*"([^"{}]+)"/gi))
    secrets.add(value);
  return secrets;
}

/** Of a command line: `--token=abc`, `--token abc`, `API_KEY=abc`. */
function secretsIn(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const [, name = '', value] = /^(-{0,2}[\w-]+)=(.+)$/s.exec(word) ?? [];
    if (value !== undefined) return SECRET_PARAMETER.test(name) ? [value] : [];
    const isFlag = /^--?[\w-]+$/.test(word) && SECRET_PARAMETER.test(word);
    const next = words[index + 1];
    return isFlag && next !== undefined && !next.startsWith('-') ? [next] : [];
  });
}
