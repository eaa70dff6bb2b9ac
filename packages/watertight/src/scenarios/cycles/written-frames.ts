import type { Place } from '../../verdict/finding.ts';

/**
 * Fields with a value are set by a function that the engine makes, and a class without a constructor has one of the engine's:
 * both stand where the class does, and nobody wrote them. Who asked for the object is the first that somebody wrote.
 */
export function writtenFrames(stack: readonly Place[]): readonly Place[] {
  const [first, caller] = stack;
  if (first?.functionName !== '<instance_members_initializer>' || caller === undefined) return stack;
  const isImplied = caller.line === first.line && caller.column === first.column;
  const rest = stack.slice(isImplied ? 2 : 1);
  return rest.length === 0 ? stack : rest;
}
