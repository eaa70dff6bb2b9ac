import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { commandText } from './command-text.ts';
import type { InitRequest } from './init-command.ts';
import { isLanguage, isRunner, LANGUAGE_NAMES, LANGUAGES, RUNNER_NAMES, RUNNERS } from './init/choices.ts';
import { CONFIG_NAMES, firstFiles, nextCommands, type Choice, type FirstFile } from './init/first-files.ts';
import { findLanguage, findRunner, typedNode, whyNot } from './init/languages.ts';
import { lookAtProject, type Project } from './init/project.ts';
import { askQuestions, type Questions } from './init/questions.ts';
import { findStart, wordsOf } from './init/start-command.ts';
import { UsageError } from './usage-error.ts';
import { prepareFile, writeWhole } from './whole-file.ts';

/** Where it is called from. */
export interface InitPlace {
  readonly cwd: string;
  readonly input: Readable;
  readonly output: Writable;
  /** Somebody can answer. */
  readonly isTerminal: boolean;
}

/**
 * Writes a config and a first test into a project, and says what it wrote and what to type next.
 *
 * @throws UsageError when something cannot be found, is wrong, or stands there already; nothing was written then.
 */
export async function init(request: InitRequest, { cwd, input, output, isTerminal }: InitPlace): Promise<number> {
  const project = lookAtProject(cwd);
  const say = (line: string): void => void output.write(`${line}\n`);
  using questions = request.yes || !isTerminal ? undefined : askQuestions(input, output);
  const choice = await choose(request, project, questions, say);
  const { config, test } = firstFiles(choice, project);
  requireFree([config, test], project, request.force);
  for (const { path } of [config, test]) await prepareFile('init', join(project.folder, path));
  say(
    `${commandText(choice.start)} is examined by ${RUNNER_NAMES[choice.runner]}, the test is ${LANGUAGE_NAMES[choice.language]}.`,
  );
  for (const { path, text, what } of [config, test]) {
    await writeWhole(join(project.folder, path), text);
    say(`Wrote ${path}: ${what}.`);
  }
  say(['Next:', ...nextCommands(choice, project, test.path)].join('\n  '));
  return 0;
}

async function choose(
  request: InitRequest,
  project: Project,
  questions: Questions | undefined,
  say: (line: string) => void,
): Promise<Choice> {
  const start = await chooseStart(request, project, questions);
  const runner =
    request.runner ?? (await askFor('Which test runner', RUNNERS, isRunner, findRunner(project), questions));
  const found = findLanguage(runner, project, start);
  const language =
    request.language ?? (await askFor('Which language for the test', LANGUAGES, isLanguage, found.language, questions));
  const problem = whyNot(language, runner, project);
  if (problem !== undefined)
    throw new UsageError(`the test cannot be written in ${LANGUAGE_NAMES[language]}: ${problem}`);
  if (language !== 'ts' && found.note !== undefined) say(`Not in TypeScript: ${found.note}.`);
  return { start, runner, language };
}

async function chooseStart(
  request: InitRequest,
  project: Project,
  questions: Questions | undefined,
): Promise<readonly string[]> {
  if (request.start[0] === '') throw new UsageError('the command behind -- is empty; nothing was written');
  if (request.start.length > 0) return request.start;
  const found = findStart(project, typedNode(project));
  const suggestion = found && commandText(found);
  const answer =
    questions === undefined ? suggestion : await questions.ask('Which command starts the server?', suggestion);
  if (answer === undefined || answer === '')
    throw new UsageError(
      'which command starts the server is not known: package.json has no script start, serve or server, and no file is called so. Give it behind --, such as: watertight init -- node server.js',
    );
  return answer === suggestion && found !== undefined ? found : wordsOf(answer);
}

async function askFor<Name extends string>(
  question: string,
  names: readonly Name[],
  isName: (text: string) => text is Name,
  found: Name,
  questions: Questions | undefined,
): Promise<Name> {
  if (questions === undefined) return found;
  const answer = await questions.ask(`${question}: ${names.join(', ')}?`, found);
  if (isName(answer)) return answer;
  throw new UsageError(`${question}: ${JSON.stringify(answer)} is not one of ${names.join(', ')}; nothing was written`);
}

/** Two config files would exclude each other, so one of another name is in the way too. */
function requireFree(files: readonly FirstFile[], project: Project, force: boolean): void {
  const written = files.map(({ path }) => path);
  const others = CONFIG_NAMES.filter((name) => project.has(name) && !written.includes(name));
  if (others.length > 0)
    throw new UsageError(`${others.join(' and ')} is there already; take it away first. Nothing was written`);
  const inTheWay = written.filter((path) => project.has(path));
  if (inTheWay.length > 0 && !force)
    throw new UsageError(
      `${inTheWay.join(' and ')} ${inTheWay.length === 1 ? 'is' : 'are'} there already; --force writes over. Nothing was written`,
    );
}
