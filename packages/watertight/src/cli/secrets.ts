import type { CheckSettings } from './settings.ts';

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';
/** Shorter ones are words: everything would be redacted. */
const SHORTEST = 4;
/** Parameters of a URL that are secrets by their name. */
const SECRET_PARAMETER = /token|secret|password|passwd|api[-_]?key|auth|signature|session|jwt/i;
/** Where a result has words of its own, which renderers go by: whoever has `limit` for a password shall not lose the promises. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  'verdict',
  'status',
  'is',
  'by',
  'kind',
  'edgeKind',
  'severity',
  'type',
]);
/** Where the names are the target's, or the user's. */
const OPEN_RECORDS: ReadonlySet<string> = new Set(['figures', 'evidence', 'timings', 'samplesMs']);

/** Everything of a run that no report, line or metric may show; minted tokens come in while it goes on. */
export class Secrets {
  readonly #byBeginning = new Map<string, Set<string>>();

  add(value: string | undefined): void {
    if (value === undefined || value.length < SHORTEST) return;
    const inUrl = new URLSearchParams([['', value]]).toString().slice(1);
    for (const form of [value, encodeURIComponent(value), inUrl, JSON.stringify(value).slice(1, -1)]) {
      const beginning = form.slice(0, SHORTEST);
      const alike = this.#byBeginning.get(beginning) ?? new Set();
      this.#byBeginning.set(beginning, alike.add(form));
    }
  }

  addUrl(url: URL | string | undefined): void {
    if (url === undefined || !URL.canParse(String(url))) return;
    const { href, username, password, searchParams } = new URL(String(url));
    if (password !== '') this.add(decodeURIComponent(password));
    if (password !== '') this.add(`${username}:${password}`);
    for (const [name, value] of searchParams) if (SECRET_PARAMETER.test(name)) this.add(value);
    // As it stands there, which reports repeat: the `+` of base64 is a blank to whoever reads the parameter.
    for (const text of [String(url), href])
      for (const [, name = '', value] of text.matchAll(/[?&]([^=&#]*)=([^&#]*)/g))
        if (SECRET_PARAMETER.test(name)) this.add(value);
  }

  /** The text without any of them. */
  redact(text: string): string {
    let redacted = '';
    let from = 0;
    for (let at = 0; at + SHORTEST <= text.length;) {
      const length = this.#longestAt(text, at);
      if (length > 0) redacted += text.slice(from, at) + REDACTED;
      at += length > 0 ? length : 1;
      if (length > 0) from = at;
    }
    return redacted + text.slice(from);
  }

  /** One may be part of another. A run may hand out a thousand, and a result has tens of thousands of texts. */
  #longestAt(text: string, at: number): number {
    let longest = 0;
    for (const value of this.#byBeginning.get(text.slice(at, at + SHORTEST)) ?? [])
      if (value.length > longest && text.startsWith(value, at)) longest = value.length;
    return longest;
  }

  /** The same result with every text in it redacted, and every name that is not a result's own. */
  redactAll<T>(result: T): T {
    return this.#byBeginning.size === 0 ? result : (this.#copy(result, '') as T);
  }

  #copy(value: unknown, at: string): unknown {
    if (typeof value === 'string') return OWN_WORDS.has(at) ? value : this.redact(value);
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, at));
    if (typeof value !== 'object' || value === null) return value;
    // That of a violation; what a scenario has counted bears the same name, and has rows.
    const isOpen = OPEN_RECORDS.has(at) && !('rows' in value && Array.isArray(value.rows));
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) =>
        isOpen ? [this.redact(name), this.#copy(item, '')] : [name, this.#copy(item, name)],
      ),
    );
  }
}

/** The secrets that the command line and the config file hold. */
export function secretsOf(settings: CheckSettings): Secrets {
  const secrets = new Secrets();
  const { target, fleet, user, userCommand, gauges, waitFor, nextCommand } = settings;
  for (const value of Object.values(fleet.headers)) {
    secrets.add(value);
    // `Bearer abc`: the token is one by itself as well.
    for (const word of value.split(/\s+/).slice(1)) secrets.add(word);
    for (const pair of value.split(/;\s*/)) secrets.add(pair.slice(pair.indexOf('=') + 1));
  }
  secrets.addUrl(fleet.proxy);
  secrets.addUrl(fleet.push);
  secrets.addUrl(gauges?.url);
  secrets.addUrl(waitFor);
  if ('url' in target) secrets.addUrl(target.url);
  const commands = ['command' in target ? target.command : [], nextCommand?.split(/\s+/) ?? []];
  for (const value of commands.flatMap(secretsIn)) secrets.add(value);
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
