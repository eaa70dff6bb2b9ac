import { Command, CommanderError, Option } from 'commander';

import { EXIT_CODES } from './exit-codes.ts';
import type { OptionRow } from './option-row.ts';
import { CHECK_OPTIONS } from './option-table.ts';
import type { CommandLine } from './command-line.ts';
import { initCommand, type InitRequest } from './init-command.ts';
import { observeCommand, type ObserveRequest } from './observe-command.ts';
import { reportCommand, type ReportRequest } from './report-command.ts';
import { topCommand, type TopRequest } from './top-command.ts';
import { type TraceRequest, traceCommand } from './trace-command.ts';
import { UsageError } from './usage-error.ts';

/** What the command line asks for. */
export type Invocation =
  | { readonly do: 'check'; readonly line: CommandLine; readonly configFile: string | undefined }
  | { readonly do: 'trace'; readonly request: TraceRequest }
  | { readonly do: 'report'; readonly request: ReportRequest }
  | { readonly do: 'observe'; readonly request: ObserveRequest }
  | { readonly do: 'top'; readonly request: TopRequest }
  | { readonly do: 'init'; readonly request: InitRequest }
  | { readonly do: 'list' }
  | { readonly do: 'print'; readonly text: string };

/** Reads the arguments behind the program's name. Throws `UsageError` with commander's sentence and suggestion. */
export function parseArguments(args: readonly string[], version: string): Invocation {
  // What stands behind the first `--` belongs to somebody else: commander never sees it.
  const cut = args.indexOf('--');
  const own = cut === -1 ? args : args.slice(0, cut);
  const targetCommand = cut === -1 ? [] : args.slice(cut + 1);
  let printed = '';
  let invocation: Invocation | undefined;

  const program = new Command('watertight')
    .description('Finds what WebSocket connections leave behind in a server, from outside and inside.')
    .version(version, '--version', 'print the version, and end')
    .helpOption('--help', 'explain the options and exit codes, and end')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: (text) => (printed += text) })
    .showHelpAfterError('(watertight check --help explains every option)');
  const check = program
    .command('check')
    .description('drive a server with real clients and say whether anything stays behind')
    .usage('[options] -- <command…>   |   check [options] --url <ws-url>   |   check [options] --pid <number>')
    .allowExcessArguments(true)
    .action(() => {
      const stray = check.args[0];
      if (stray !== undefined) throw new UsageError(`unexpected ${JSON.stringify(stray)}: ${whereItBelongs(stray)}`);
      invocation = check.getOptionValue('list') === true ? { do: 'list' } : readCheck(check, targetCommand);
    })
    .addHelpText('after', () => `\n${exitCodeText()}\n\nExamples:\n${EXAMPLES.map((line) => `  ${line}`).join('\n')}`);
  for (const row of CHECK_OPTIONS) check.addOption(toOption(row));
  program.addCommand(
    inheritingFrom(
      program,
      traceCommand((request) => (invocation = { do: 'trace', request }), exitCodeText()),
    ),
  );
  program.addCommand(
    inheritingFrom(
      program,
      reportCommand((request) => (invocation = { do: 'report', request })),
    ),
  );
  program.addCommand(
    inheritingFrom(
      program,
      topCommand((request) => (invocation = { do: 'top', request })),
    ),
  );
  program.addCommand(
    inheritingFrom(
      program,
      observeCommand((request) => (invocation = { do: 'observe', request })),
    ),
  );
  program.addCommand(
    inheritingFrom(
      program,
      initCommand(targetCommand, (request) => (invocation = { do: 'init', request })),
    ),
  );
  program
    .command('list')
    .description('list the scenarios and their steps')
    .action(() => {
      invocation = { do: 'list' };
    });
  program.option('--list', 'the same as the command list').on('option:list', () => {
    invocation = { do: 'list' };
  });

  try {
    program.parse(own, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (invocation !== undefined) return invocation;
    if (error.exitCode !== 0) throw new UsageError(printed.trim().replace(/^error: /, ''));
    return { do: 'print', text: printed };
  }
  if (invocation === undefined) throw new UsageError('nothing to do');
  return invocation;
}

const EXAMPLES = [
  'watertight check -- node server.js',
  'watertight check --limit 20 --deadline 500 --user cookie:sid=test-user-{n} -- npm run serve',
  'watertight check --pid 4711 --path /chat',
  'watertight check --url ws://127.0.0.1:3000/chat --only rapid-connection-cycles-stress',
];

function toOption(row: OptionRow): Option {
  const option = new Option(
    row.value === undefined ? `--${row.flag}` : `--${row.flag} <${row.value}>`,
    `${row.description}${facts(row)}`,
  );
  if (row.kind.is !== 'list') return option;
  return option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
}

function facts(row: OptionRow): string {
  const parts: string[] = [];
  if (row.kind.is === 'number') parts.push(`${row.kind.min} to ${row.kind.max} ${row.kind.unit}`.trimEnd());
  if (row.kind.is === 'choice') parts.push(row.kind.of.join(' or '));
  if (row.default !== undefined) parts.push(`default ${row.default}`);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function readCheck(check: Command, command: readonly string[]): Invocation {
  const raw = new Map<string, unknown>();
  for (const row of CHECK_OPTIONS) {
    const attribute = new Option(`--${row.flag}`).attributeName();
    if (row.configKey === null || check.getOptionValueSource(attribute) !== 'cli') continue;
    const value: unknown = check.getOptionValue(attribute);
    raw.set(row.configKey, row.flag.startsWith('no-') ? value === false : value);
  }
  const configFile: unknown = check.getOptionValue('config');
  return { do: 'check', line: { raw, command }, configFile: typeof configFile === 'string' ? configFile : undefined };
}

/** Commands made by hand do not take over how errors and help are handled. */
function inheritingFrom(program: Command, command: Command): Command {
  return command
    .copyInheritedSettings(program)
    .showHelpAfterError(`(watertight ${command.name()} --help explains every option)`);
}

function exitCodeText(): string {
  return `Exit codes:\n${EXIT_CODES.map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n')}`;
}

function whereItBelongs(stray: string): string {
  if (/^(ws|http)s?:\/\//i.test(stray)) return 'a server that runs already is named by --url';
  return 'the command to start stands behind --, such as: watertight check -- node server.js';
}
