/** What a place in plain data holds now. */
export type Change = readonly [path: readonly (string | number)[], value: unknown];

type Plain = Readonly<Record<string | number, unknown>>;

/**
 * What has to be changed in `before` to have `after`; both plain data. Objects with other keys and lists of another length are replaced as a
 * whole.
 */
export function changesBetween(before: unknown, after: unknown, path: readonly (string | number)[] = []): Change[] {
  if (Object.is(before, after)) return [];
  if (!isPlain(before) || !isPlain(after) || Array.isArray(before) !== Array.isArray(after)) return [[path, after]];
  const keys = Object.keys(after);
  if (keys.length !== Object.keys(before).length || keys.some((key) => !Object.hasOwn(before, key)))
    return [[path, after]];
  const isList = Array.isArray(after);
  return keys.flatMap((key) => changesBetween(before[key], after[key], [...path, isList ? Number(key) : key]));
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null;
}
