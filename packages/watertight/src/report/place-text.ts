import type { Place } from '../verdict/finding.ts';

/** `src/chat.ts:41:7 in onConnection`, with package and version where it is not the application's own code. */
export function placeText({ file, line, column, functionName, owner }: Place): string {
  // Where only the line is known.
  if (column === 0) return `${file}:${line}`;
  const where = `${file}:${line}:${column} in ${functionName === '' ? '(anonymous)' : functionName}`;
  if (owner.is === 'package') return `${where} (${owner.name}${owner.version === null ? '' : `@${owner.version}`})`;
  return where;
}
