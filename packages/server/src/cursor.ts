import { show } from './show.ts';

/** What is wrong with a cursor that no page was answered with. */
export function cursorProblem(cursor: unknown): string {
  return `cursor must be one that a page was answered with; got ${show(cursor)}`;
}
