import { fileURLToPath } from 'node:url';
import type { CheckResult, Violation } from '../src/verdict/types.ts';
import type { Ended } from './cli-process.ts';
import { checkToJson } from './json-check.ts';

/** A machine that stands still every time is not fit to test on. */
const MOST_CHECKS_COUNT = 3;

export interface GuardedChecked extends Ended {
  readonly result: CheckResult;
  readonly violations: readonly Violation[];
}

/** Checks a healthy server on `@watertight/server`, with what `fixtures/guarded-server.mjs` takes: its limit and its heartbeat interval in ms. */
export async function checkGuarded(
  server: readonly (number | string)[],
  options: readonly string[] = [],
): Promise<GuardedChecked> {
  const file = fileURLToPath(new URL('fixtures/guarded-server.mjs', import.meta.url));
  for (let count = 1; ; count += 1) {
    const checked = await checkToJson(options, [file, ...server.map(String)]);
    const isLeftOpenByMachine = checked.code === 3 && checked.stdout.includes('less busy machine');
    if (!isLeftOpenByMachine || count === MOST_CHECKS_COUNT)
      return { ...checked, violations: checked.result.scenarios.flatMap(({ violations }) => violations) };
  }
}
