import { parseInspectorAddress } from '../target/inspector-address.ts';
import { commandText } from './command-text.ts';
import type { OptionValue } from './read-value.ts';
import type { CommandLine, Given } from './command-line.ts';
import { loginProblem } from './url-login.ts';

/** What is examined: one of four, and for a process that runs already also where its server answers. */
export type TargetChoice =
  | { readonly command: readonly string[] }
  | { readonly url: string }
  | { readonly pid: number; readonly url?: string }
  | { readonly inspect: string; readonly url?: string };

type Kind = 'command' | 'url' | 'pid' | 'inspect';
const KINDS: readonly Kind[] = ['pid', 'inspect', 'url', 'command'];

/** For messages: what was asked for, when nothing is known of it yet. */
export function targetText(target: TargetChoice): string {
  if ('command' in target) return commandText(target.command);
  if ('pid' in target) return `process ${target.pid}`;
  return 'inspect' in target ? `the inspector at ${target.inspect}` : target.url;
}

/** Two that exclude each other are both named; what is given on the command line replaces whatever target the config names. */
export function readTarget(
  line: CommandLine,
  inConfigAndLine: ReadonlyMap<string, Given<OptionValue>>,
  problems: string[],
): TargetChoice {
  const given = new Map(inConfigAndLine);
  if (line.command.length > 0) given.set('command', { by: 'option', value: line.command });
  const isOnLine = KINDS.some((kind) => given.get(kind)?.by === 'option');
  const named = KINDS.filter((kind) => given.has(kind) && (!isOnLine || given.get(kind)?.by === 'option'));
  const [kind, ...others] = named;
  if (kind === undefined) {
    // A value that was refused has been named already.
    if (!KINDS.some((it) => line.raw.has(it)))
      problems.push(
        'nothing to examine: give --url <ws-url>, --pid <number>, or a command behind --, such as: watertight check -- node server.js',
      );
    return { command: [] };
  }
  for (const other of others) {
    if (other === 'url' && kind !== 'url') continue;
    problems.push(`${shown(kind, given)} and ${shown(other, given)} both name a target; give one of them`);
  }
  const target = choiceOf(kind, given, named.includes('url'));
  checkTarget(target, problems);
  checkCompanions(kind, named.includes('url'), isOnLine, given, problems);
  return target;
}

function choiceOf(kind: Kind, given: ReadonlyMap<string, Given<OptionValue>>, hasUrl: boolean): TargetChoice {
  const where = hasUrl ? { url: String(given.get('url')?.value) } : {};
  const value = given.get(kind)?.value;
  switch (kind) {
    case 'pid':
      return { pid: Number(value), ...where };
    case 'inspect':
      return { inspect: String(value), ...where };
    case 'url':
      return { url: String(value) };
    case 'command':
      return { command: typeof value === 'object' ? value : [] };
  }
}

function checkTarget(target: TargetChoice, problems: string[]): void {
  if ('command' in target && target.command[0] === '') problems.push('the command behind -- is empty');
  if ('inspect' in target && parseInspectorAddress(target.inspect) === undefined) {
    problems.push(
      `--inspect is ${JSON.stringify(target.inspect)}; expected <host>:<port> with a port from 1 to 65535, such as 127.0.0.1:9229`,
    );
  }
  if ('url' in target && target.url !== undefined) checkUrl(target.url, problems);
}

/** A config that is about one target may be used for another once in a while: what belongs to the first is dropped with it. */
function checkCompanions(
  kind: Kind,
  hasUrl: boolean,
  isOnLine: boolean,
  given: ReadonlyMap<string, Given<OptionValue>>,
  problems: string[],
): void {
  const isGiven = (key: string): boolean => {
    const by = given.get(key)?.by;
    return by !== undefined && !(by === 'config' && isOnLine);
  };
  const option = `--${hasUrl ? 'url' : kind}`;
  if (kind !== 'command' && isGiven('waitFor')) {
    problems.push(`--wait-for and ${option} exclude each other: --wait-for is about a command that is started`);
  }
  if (hasUrl && isGiven('path')) {
    problems.push(`--path and --url exclude each other: the URL says the path itself`);
  }
}

function shown(kind: Kind, given: ReadonlyMap<string, Given<OptionValue>>): string {
  const value = given.get(kind)?.value;
  if (kind === 'command') return `the command \`${commandText(typeof value === 'object' ? value : [])}\``;
  return `--${kind} ${String(value)}`;
}

function checkUrl(url: string, problems: string[]): void {
  if (!URL.canParse(url)) {
    problems.push(`--url is ${JSON.stringify(url)}, which is not a URL; expected one such as ws://127.0.0.1:3000/chat`);
    return;
  }
  const parsed = new URL(url);
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    const meant = /^https?:/i.test(url) ? url.replace(/^http/i, 'ws') : `ws://${url}`;
    problems.push(
      `--url is ${JSON.stringify(url)}; expected a URL that begins with ws:// or wss://${URL.canParse(meant) ? `, such as ${meant}` : ''}`,
    );
  }
  const problem = loginProblem('url', parsed);
  if (problem !== undefined) problems.push(problem);
}
