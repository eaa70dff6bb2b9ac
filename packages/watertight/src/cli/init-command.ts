import { Command } from 'commander';

import { isLanguage, isRunner, LANGUAGES, RUNNERS, type Language, type Runner } from './init/choices.ts';
import { UsageError } from './usage-error.ts';

/** What `watertight init` is asked for. */
export interface InitRequest {
  /** The command behind `--`; empty when it is to be found. */
  readonly start: readonly string[];
  readonly runner: Runner | undefined;
  readonly language: Language | undefined;
  /** Ask nothing: what was not given is what is found. */
  readonly yes: boolean;
  /** Write over files that are there. */
  readonly force: boolean;
}

const EXAMPLES = [
  'watertight init',
  'watertight init --yes',
  'watertight init --runner vitest --language ts -- node server.js',
];

/** The command for commander; `start` stands behind `--`, which commander never sees. Throws `UsageError` out of its action. */
export function initCommand(start: readonly string[], take: (request: InitRequest) => void): Command {
  const command = new Command('init')
    .description(
      'write a config and a first test into a project, by what its package.json says and at most three questions',
    )
    .usage('[options] [-- <command that starts the server…>]')
    .option(
      '--runner <name>',
      `${RUNNERS.join(', ')}: what runs the tests (default: what package.json names, else node)`,
    )
    .option('--language <name>', `${LANGUAGES.join(', ')}: what the test is written in (default: that of the project)`)
    .option('--yes', 'ask nothing; what is not given is what is found (also when the input is no terminal)')
    .option('--force', 'write over files that are there')
    .helpOption('--help', 'explain the options, and end')
    .addHelpText('after', () => `\nExamples:\n${EXAMPLES.map((line) => `  ${line}`).join('\n')}`);
  return command.action((options: Readonly<Record<string, string | boolean | undefined>>) =>
    take({
      start,
      runner: readRunner(options['runner']),
      language: readLanguage(options['language']),
      yes: options['yes'] === true,
      force: options['force'] === true,
    }),
  );
}

function readRunner(given: string | boolean | undefined): Runner | undefined {
  if (given === undefined) return undefined;
  if (isRunner(String(given))) return String(given) as Runner;
  throw new UsageError(`--runner is ${JSON.stringify(given)}; expected ${RUNNERS.join(', ')}`);
}

function readLanguage(given: string | boolean | undefined): Language | undefined {
  if (given === undefined) return undefined;
  if (isLanguage(String(given))) return String(given) as Language;
  throw new UsageError(`--language is ${JSON.stringify(given)}; expected ${LANGUAGES.join(', ')}`);
}
