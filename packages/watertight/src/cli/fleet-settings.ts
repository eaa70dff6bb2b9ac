import { isLoopbackName } from '../target/loopback.ts';
import type { Given } from './command-line.ts';
import { givenText } from './given-text.ts';
import type { OptionValue } from './read-value.ts';
import type { TargetChoice } from './target-choice.ts';
import { loginProblem } from './url-login.ts';

/** How a server is treated that others use as well, and how it is reached. */
export interface FleetSettings {
  /** Not on this machine: polite rate, small counts, only test users, an end at the first storm of 5xx. */
  readonly isElsewhere: boolean;
  /** `undefined`: as fast as the clients are. */
  readonly ratePerSecond: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly isInsecure: boolean;
  readonly proxy: URL | undefined;
  readonly isScheduled: boolean;
  readonly push: URL | undefined;
}

/** What is done elsewhere where nobody says otherwise. */
export const POLITE = { ratePerSecond: 5, cycles: 20, concurrency: 2, budgetMs: 20_000 } as const;

const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):\s*(.*)$/;
const HANDSHAKE = /^(connection|upgrade|host|content-length|transfer-encoding|sec-websocket-.*)$/i;

/** What is wrong is added to `problems`. */
export function readFleet(
  target: TargetChoice,
  given: ReadonlyMap<string, Given<OptionValue>>,
  problems: string[],
): FleetSettings {
  const text = (key: string): string | undefined => givenText(given, key);
  const isOn = (key: string): boolean => given.get(key)?.value === true;
  const url = 'url' in target ? target.url : undefined;
  // `localhost:3000` is a URL without a host, and is refused for that.
  const host = url !== undefined && URL.canParse(url) ? new URL(url).hostname : '';
  const isElsewhere = url !== undefined && host !== '' && !isLoopbackName(host);
  if (isElsewhere && !isOn('iOwnThisHost'))
    problems.push(
      `--url names ${new URL(url).host}, which is not this machine: a check opens, drops and stalls connections there. ` +
        'If you may do that, say --i-own-this-host; it is then polite: few connections, slowly, and only of test users',
    );
  if (isElsewhere && !isOfTestUsers(text('user')))
    problems.push(
      `--user is ${JSON.stringify(text('user'))}; on a host that others use the ids have to show that they are test users: put "test" into them`,
    );
  const [certFile, keyFile] = [text('cert'), text('key')];
  if ((certFile === undefined) !== (keyFile === undefined))
    problems.push(`--cert and --key belong together; only --${certFile === undefined ? 'key' : 'cert'} is given`);
  const rate = given.get('ratePerSecond')?.value;
  return {
    isElsewhere,
    ratePerSecond: typeof rate === 'number' ? rate : isElsewhere ? POLITE.ratePerSecond : undefined,
    headers: readHeaders(given.get('header')?.value, problems),
    caFile: text('ca'),
    certFile,
    keyFile,
    isInsecure: isOn('insecure'),
    proxy: readHttpUrl('proxy', text('proxy'), problems),
    isScheduled: isOn('scheduled'),
    push: readHttpUrl('push', text('push'), problems),
  };
}

/** With a token of theirs users are `test-user-<n>`. */
function isOfTestUsers(template: string | undefined): boolean {
  return template === undefined || template.includes('{token}') || /test/i.test(template);
}

function readHeaders(lines: OptionValue | undefined, problems: string[]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const line of Array.isArray(lines) ? (lines as readonly string[]) : []) {
    const [, name, value = ''] = HEADER.exec(line) ?? [];
    // The value may be a secret: only what stands before the colon is told.
    if (name === undefined)
      problems.push(`--header ${JSON.stringify(line.split(':')[0])} is no header; expected name: value`);
    else if (HANDSHAKE.test(name)) problems.push(`--header ${JSON.stringify(name)} belongs to the handshake itself`);
    else if (/[^\t\x20-\x7e]/.test(value))
      problems.push(`the value of --header ${JSON.stringify(name)} has a character that no header can carry`);
    else headers[name.toLowerCase()] = value;
  }
  return headers;
}

function readHttpUrl(flag: string, given: string | undefined, problems: string[]): URL | undefined {
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isRight = url?.protocol === 'http:' || (flag === 'push' && url?.protocol === 'https:');
  // It may hold a password, and is not repeated.
  if (!isRight)
    problems.push(`--${flag} is not a URL that begins with http://${flag === 'push' ? ' or https://' : ''}`);
  const problem = url === undefined ? undefined : loginProblem(flag, url);
  if (problem !== undefined) problems.push(problem);
  return url;
}
