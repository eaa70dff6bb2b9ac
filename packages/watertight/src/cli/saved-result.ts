import { readFile } from 'node:fs/promises';

import type { CheckResult } from '../verdict/types.ts';
import { parseJson } from './parse-json.ts';
import { UsageError, usageErrorOf } from './usage-error.ts';

/** What every renderer reads without asking. */
const SHAPE: Readonly<Record<string, (value: unknown) => boolean>> = {
  tool: isObject,
  startedAt: isText,
  elapsedMs: isNumber,
  command: isText,
  environment: isObject,
  target: isObject,
  promises: isObject,
  verdict: isText,
  exitCode: isNumber,
  scenarios: (value) =>
    Array.isArray(value) &&
    value.every(
      (scenario) =>
        isObject(scenario) && ['steps', 'violations', 'findings'].every((list) => Array.isArray(scenario[list])),
    ),
  complaints: Array.isArray,
  blindSpots: Array.isArray,
  nextSteps: Array.isArray,
};

/** Reads a result that `--json` or `--report-dir` has written. @throws {@link UsageError} for anything else. */
export async function readResult(path: string): Promise<CheckResult> {
  const value = await readJson(path);
  if (!isObject(value) || value['format'] === undefined)
    throw new UsageError(`${path} is no result of watertight check; make one with --json ${path}`);
  if (value['format'] !== 1)
    throw new UsageError(
      `${path} has the format ${JSON.stringify(value['format'])}; this watertight reads the format 1: render it with the one that wrote it`,
    );
  const wrong = Object.entries(SHAPE).filter(([name, fits]) => !fits(value[name]));
  if (wrong.length > 0)
    throw new UsageError(`${path} is no whole result: ${wrong.map(([name]) => name).join(', ')} missing or wrong`);
  return value as unknown as CheckResult;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return parseJson(await readFile(path, 'utf8'));
  } catch (error) {
    throw usageErrorOf(error, `${path} cannot be read: `);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isText(value: unknown): boolean {
  return typeof value === 'string';
}
function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}
