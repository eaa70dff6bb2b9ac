// @ts-check

const DEEP = 'deep';

/**
 * What the runner is told, of what `npm test` was told.
 *
 * @param {readonly string[]} given
 * @returns {{ args: string[], isWithoutDeep: boolean }}
 */
export function runnerArguments(given) {
  const asked = given.filter((arg) => arg !== '--all');
  // A deep test that is named is run.
  const isWithoutDeep = asked.length === given.length && !asked.some((arg) => arg.includes(DEEP));
  return { args: ['run', ...(isWithoutDeep ? [`--project=!${DEEP}*`] : []), ...asked], isWithoutDeep };
}
