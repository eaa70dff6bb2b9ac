import { createHash } from 'node:crypto';
import { basename } from 'node:path';

import type { SourcePlace } from './source-places.ts';
import type { PathStep, RetainingPath } from './retaining-path.ts';

const MAX_STEPS_WITHOUT_VARIABLE = 4;

/**
 * A stable name for a leak: the same for every run and every machine as long as the code that leaks is named alike. Made of
 * the suspect part of the path, from the variable that starts it to the survivor, and of the name of the file whose code was
 * left behind: all timers hang in the same list of Node's. 12 hexadecimal digits.
 */
export function fingerprintOf(path: RetainingPath, place?: SourcePlace): string {
  const file = place === undefined ? '' : basename(place.url);
  const text = [...suspectPart(path.steps).map(wordsOf), file].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** From the last variable of the path on; without one its last four steps. */
function suspectPart(steps: readonly PathStep[]): readonly PathStep[] {
  const variable = steps.findLastIndex((step) => step.kind === 'variable');
  return steps.slice(variable === -1 ? -MAX_STEPS_WITHOUT_VARIABLE : variable);
}

function wordsOf({ kind, name, className }: PathStep): string {
  // A global's name carries the address of a page in Chrome, and strings that look like paths are not part of the code.
  const plain = className.replace(/ \/ .*$/s, '').replaceAll(/(?:[A-Za-z]:)?[/\\][^\s"')]*[/\\]/g, '');
  return `${kind} ${name} ${plain}`;
}
