// @ts-check

const DEEP = 'deep';

/** Which projects are left out, by what is asked for. */
const LEFT_OUT = { '--all': [], '--deep': ['--project=!deepest'] };

/**
 * What the runner is told, of what `npm test` was told.
 *
 * @param {readonly string[]} given
 * @returns {{ args: string[], isWithoutDeep: boolean }}
 */
export function runnerArguments(given) {
  const asked = given.filter((arg) => !(arg in LEFT_OUT));
  const mode = given.includes('--all') ? '--all' : given.includes('--deep') ? '--deep' : undefined;
  // A deep test that is named is run.
  const isWithoutDeep = mode === undefined && !asked.some((arg) => arg.includes(DEEP));
  const leftOut = isWithoutDeep ? [`--project=!${DEEP}*`] : LEFT_OUT[mode ?? '--all'];
  return { args: ['run', ...leftOut, ...asked], isWithoutDeep };
}
