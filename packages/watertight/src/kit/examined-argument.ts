import { statSync } from 'node:fs';
import { inspect } from 'node:util';
import { isNetServer, type CommandToStart, type Examined } from './examined.ts';

const LONGEST_SHOWN = 60;

/**
 * What is examined, from whoever has no types. Nothing is guessed: without this, what is no target at all would be taken for none, and
 * what `watertight.config` names would be examined in its place.
 *
 * @throws TypeError which says what was given to `caller`, and what to give instead.
 */
export function checkExamined(caller: string, given: unknown): asserts given is Examined {
  const refuse = (expected: string): never => {
    throw new TypeError(`${caller}(${shown(given)}): ${expected}`);
  };
  if (typeof given === 'function' || isNetServer(given)) return;
  if (typeof given === 'string') refuse('a URL is given as { url }, a command as { command: [program, ...arguments] }');
  if (typeof given !== 'object' || given === null)
    return refuse('expected { command }, { url }, a server of startServer, an http.Server, or a function');
  if (given instanceof Promise) refuse('a promise: await it first, as in await startServer(…)');
  if ('isInProcess' in given) return;
  if ('command' in given) return checkCommand(caller, given);
  const { url, pid }: { readonly url?: unknown; readonly pid?: unknown } = given;
  if (typeof url !== 'string' && !(url === undefined && typeof pid === 'number'))
    refuse('expected { command }, { url }, a server of startServer, an http.Server, or a function');
}

/** @throws TypeError for a command that is no list of texts, and a folder that is none. */
export function checkCommand(caller: string, given: object): asserts given is CommandToStart {
  const { command, cwd }: { readonly command?: unknown; readonly cwd?: unknown } = given;
  if (!Array.isArray(command) || command.length === 0 || !command.every((word) => typeof word === 'string'))
    throw new TypeError(
      `${caller}: command is ${shown(command)}; expected a list of texts such as ['node', 'server.js'], which no shell reads`,
    );
  if (
    cwd === undefined ||
    (typeof cwd === 'string' && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true)
  )
    return;
  throw new TypeError(`${caller}: cwd is ${shown(cwd)}; there is no such folder`);
}

function shown(given: unknown): string {
  const text = inspect(given, { depth: 0, breakLength: Infinity });
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
