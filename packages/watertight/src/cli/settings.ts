import type { Effort } from '../scenarios/types.ts';
import type { Allowance } from '../verdict/excuse.ts';
import { isViolationType, VIOLATION_TYPES, type ViolationType } from '../verdict/violation-types.ts';
import { commandText } from './command-text.ts';
import type { Config } from './config-file.ts';
import { CHECK_OPTIONS, numberDefault } from './option-table.ts';
import { readValue, type OptionValue } from './read-value.ts';
import { throwUsage } from './usage-error.ts';

/** A value and who gave it. */
export interface Given<T> {
  readonly by: 'option' | 'config';
  readonly value: T;
}

/** What a run of `check` was asked for; everything is validated. */
export interface CheckSettings {
  readonly target: { readonly url: string } | { readonly command: readonly string[] };
  /** Path and query of the WebSocket of a started command; `undefined` with a URL. */
  readonly path: string | undefined;
  readonly waitFor: string | undefined;
  /** `undefined`: the drive's own default. */
  readonly user: string | undefined;
  readonly userCommand: string | undefined;
  /** A name or a file; `undefined`: none was asked for. */
  readonly recipe: string | undefined;
  readonly send: readonly string[];
  readonly subscribe: string | undefined;
  readonly limit: Given<number> | undefined;
  readonly deadlineMs: Given<number> | undefined;
  readonly silenceMs: Given<number> | undefined;
  readonly emergencyThreshold: Given<number> | undefined;
  /** Names or aliases as given; empty = the default choice. */
  readonly only: readonly string[];
  readonly coverage: 'quick' | 'full' | undefined;
  readonly cycles: number;
  readonly seed: number;
  readonly settleMs: number;
  readonly timeoutMs: number;
  readonly effort: Effort;
  readonly baselineFile: string | undefined;
  readonly allow: readonly Allowance[];
  readonly expected: readonly ViolationType[];
  readonly bail: boolean;
  readonly jsonFile: string | undefined;
  readonly markdownFile: string | undefined;
  readonly reportDir: string | undefined;
  readonly color: boolean;
}

/** The command line as commander split it: raw values by config key, and what stood behind `--`. */
export interface CommandLine {
  readonly raw: ReadonlyMap<string, unknown>;
  readonly command: readonly string[];
}

/** Puts command line over config over defaults. Throws one `UsageError` that names everything that is wrong. */
export function readSettings(line: CommandLine, config: Config): CheckSettings {
  const problems: string[] = [];
  const given = new Map<string, Given<OptionValue>>(
    [...config.values].map(([key, value]) => [key, { by: 'config', value }]),
  );
  for (const row of CHECK_OPTIONS) {
    if (row.configKey === null || !line.raw.has(row.configKey)) continue;
    const read = readValue(row, line.raw.get(row.configKey), `--${row.flag}`, 'option');
    if (read.ok) given.set(row.configKey, { by: 'option', value: read.value });
    else problems.push(read.problem);
  }
  const text = (key: string): string | undefined => {
    const value = given.get(key)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const number = (key: string): Given<number> | undefined => {
    const entry = given.get(key);
    return entry !== undefined && typeof entry.value === 'number' ? { by: entry.by, value: entry.value } : undefined;
  };
  const list = (key: string): readonly string[] => {
    const value = given.get(key)?.value;
    return typeof value === 'object' ? value : [];
  };
  const coverage = text('coverage');
  const target = readTarget(line, text('url'), given, list('command'), problems);
  const expected = list('expect').filter((type) => {
    if (isViolationType(type)) return true;
    problems.push(`--expect is ${JSON.stringify(type)}; known are ${Object.keys(VIOLATION_TYPES).join(', ')}`);
    return false;
  });
  const path = text('path');
  if (path !== undefined && !path.startsWith('/'))
    problems.push(`--path is ${JSON.stringify(path)}; expected a path that begins with /`);
  throwUsage(problems);
  return {
    target,
    path: 'url' in target ? undefined : path,
    waitFor: 'url' in target ? undefined : text('waitFor'),
    user: text('user'),
    userCommand: text('userCommand'),
    recipe: text('recipe'),
    send: list('send'),
    subscribe: text('subscribe'),
    limit: number('limit'),
    deadlineMs: number('deadlineMs'),
    silenceMs: number('silenceMs'),
    emergencyThreshold: number('emergencyThreshold'),
    only: list('only'),
    coverage: coverage === 'quick' || coverage === 'full' ? coverage : undefined,
    cycles: number('cycles')?.value ?? numberDefault('cycles'),
    seed: number('seed')?.value ?? numberDefault('seed'),
    settleMs: number('settleMs')?.value ?? numberDefault('settleMs'),
    timeoutMs: number('timeoutMs')?.value ?? numberDefault('timeoutMs'),
    effort: {
      concurrency: number('concurrency')?.value ?? numberDefault('concurrency'),
      budgetMs: number('budgetMs')?.value ?? numberDefault('budgetMs'),
      plant: given.get('plant')?.value === true,
      trace: given.get('noTrace')?.value !== true,
      maxStopMs: number('maxStopMs')?.value ?? numberDefault('maxStopMs'),
      artefactDir: text('reportDir'),
    },
    baselineFile: text('baseline'),
    allow: config.allow,
    expected: expected.filter(isViolationType),
    bail: given.get('bail')?.value === true,
    jsonFile: text('json'),
    markdownFile: text('reportMd'),
    reportDir: text('reportDir'),
    color: given.get('noColor')?.value !== true,
  };
}

/** The target is one of two things; what is given on the command line replaces either of them in the config. */
function readTarget(
  line: CommandLine,
  url: string | undefined,
  given: ReadonlyMap<string, Given<OptionValue>>,
  configCommand: readonly string[],
  problems: string[],
): CheckSettings['target'] {
  const urlBy = given.get('url')?.by;
  const commandBy = line.command.length > 0 ? 'option' : configCommand.length > 0 ? 'config' : undefined;
  const command = line.command.length > 0 ? line.command : configCommand;
  const useUrl = url !== undefined && !(urlBy === 'config' && commandBy === 'option');
  const useCommand = commandBy !== undefined && !(commandBy === 'config' && urlBy === 'option');
  if (useUrl && useCommand) {
    problems.push(`--url ${url} and the command \`${commandText(command)}\` both name a target; give one of them`);
  }
  if (!line.raw.has('url') && !useUrl && !useCommand) {
    problems.push(
      'nothing to examine: give --url <ws-url>, or a command behind --, such as: watertight check -- node server.js',
    );
  }
  if (useCommand && command[0] === '') problems.push('the command behind -- is empty');
  if (useUrl) {
    checkUrl(url, problems);
    for (const [key, flag] of [
      ['waitFor', '--wait-for'],
      ['path', '--path'],
    ] as const) {
      // A config that is about a command may be used for a URL once in a while: what belongs to that command is dropped with it.
      const by = given.get(key)?.by;
      if (by !== undefined && !(by === 'config' && urlBy === 'option')) {
        problems.push(`${flag} and --url exclude each other: ${flag} is about a command that is started`);
      }
    }
    return { url };
  }
  return { command };
}

function checkUrl(url: string, problems: string[]): void {
  if (!URL.canParse(url)) {
    problems.push(`--url is ${JSON.stringify(url)}, which is not a URL; expected one such as ws://127.0.0.1:3000/chat`);
    return;
  }
  const { protocol } = new URL(url);
  if (protocol !== 'ws:' && protocol !== 'wss:') {
    problems.push(`--url is ${JSON.stringify(url)}; expected a URL that begins with ws:// or wss://`);
  }
}
