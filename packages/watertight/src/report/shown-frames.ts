import type { Owner, Place } from '../verdict/finding.ts';

const INNERMOST_COUNT = 3;
const SHOWN_COUNT = 6;

/**
 * The frames of an allocation stack that a report shows: the innermost three, and where each further package, and at last the
 * application, asked for it. What is in no file, such as the constructor of a promise, says nothing to whoever looks it up. All of them are in the JSON report.
 */
export function shownFrames(stack: readonly Place[]): readonly Place[] {
  const inFiles = stack.filter(({ file }) => file !== '');
  const shown = inFiles.slice(0, INNERMOST_COUNT);
  for (const frame of inFiles.slice(INNERMOST_COUNT)) {
    const isNew = frame.owner.is !== 'node' && !shown.some(({ owner }) => nameOf(owner) === nameOf(frame.owner));
    if (isNew && shown.length < SHOWN_COUNT) shown.push(frame);
  }
  return shown;
}

function nameOf(owner: Owner): string {
  return owner.is === 'package' ? owner.name : owner.is;
}
