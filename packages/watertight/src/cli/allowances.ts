import type { Allowance } from '../verdict/excuse.ts';

/** Reads `allow` of a config; what is wrong with it is added to `problems`. */
export function readAllowances(raw: unknown, path: string, problems: string[]): readonly Allowance[] {
  if (!Array.isArray(raw)) {
    problems.push(`${path}: allow is not a list, such as [{ "match": "Session", "reason": "a ring of 500" }]`);
    return [];
  }
  return raw.flatMap((entry: unknown, index) => {
    const problem = whatIsWrong(entry);
    if (problem !== undefined) {
      problems.push(`${path}: allow[${index}] ${problem}`);
      return [];
    }
    return [entry as Allowance];
  });
}

function whatIsWrong(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return 'is not an object with match and reason';
  const { match, reason, until, ...unknown } = entry as Readonly<Record<string, unknown>>;
  const [first] = Object.keys(unknown);
  if (first !== undefined) return `has an unknown key ${JSON.stringify(first)}; known are match, reason, until`;
  if (typeof match !== 'string' || match === '') return 'has no match: a fingerprint, a name or a file';
  if (typeof reason !== 'string' || reason.trim() === '')
    return `(${JSON.stringify(match)}) has no reason: say why it is allowed`;
  if (until !== undefined && !isDay(until))
    return `(${JSON.stringify(match)}) has until ${JSON.stringify(until)}; expected a day such as 2026-12-31`;
  return undefined;
}

/** February has no 31st: such a day would be over two days later than it says. */
function isDay(text: unknown): boolean {
  if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(text);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
