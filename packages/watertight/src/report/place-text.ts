import type { Place } from '../verdict/finding.ts';

/** `src/chat.ts:41:7 in onConnection`, with package and version where it is not the application's own code. */
export function placeText({ file, line, column, functionName, owner }: Place): string {
  // Where only the line is known.
  if (column === 0) return `${file}:${line}`;
  const where = `${file}:${line}:${column} in ${functionName === '' ? '(anonymous)' : functionName}`;
  if (owner.is === 'package') return `${where} (${owner.name}${owner.version === null ? '' : `@${owner.version}`})`;
  return where;
}

/** What of a leak is at the place that says what it is: what is Node's own, or has no place, is told by the code that hangs on it. */
export function relationTo({ functionName }: Place, leakName: string): 'defined' | 'leads to' {
  return functionName === leakName ? 'defined' : 'leads to';
}
