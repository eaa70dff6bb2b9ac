import type { QuietCell } from '../verdict/types.ts';

const QUIET: Readonly<Record<QuietCell, string>> = { green: '.', 'green on the target': 't', 'not run': '-' };
const RED = 'X';

/** How a cell of the fault matrix is marked in a table, where the step that turned red has no room. */
export function markOf(cell: string): string {
  return isQuiet(cell) ? QUIET[cell] : RED;
}

/** Nothing turned red there. */
export function isQuiet(cell: string): cell is QuietCell {
  return Object.hasOwn(QUIET, cell);
}
