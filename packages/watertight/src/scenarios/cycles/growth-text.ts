import type { Growth } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import { entryIn } from './entry-text.ts';
import { rankOf } from './suspect-rank.ts';

/** What a suspect is called in a sentence. */
export function nameOfSuspect(suspect: Suspect): string {
  if (suspect.from === 'count') {
    const { kind, name } = suspect.series;
    if (kind === 'listeners') return `listener on ${name}`;
    if (kind === 'descriptors') return `file descriptor (${name})`;
    if (kind === 'processes') return `child process (${name})`;
    if (kind === 'sockets') return `socket (${name})`;
    if (kind === 'gauges') return `on the gauge ${name}`;
    if (kind === 'native-memory') return `bytes of ${name}`;
    if (kind === 'handles') return `open ${name}`;
    return kind === 'collection' ? entryIn(name) : name;
  }
  const [innermost] = suspect.site.site.stack;
  return innermost === undefined ? 'object' : `object allocated in ${innermost.functionName || '(anonymous)'}`;
}

/** `1 Session per cycle`, `Buffer fills to 50`. */
export function sayGrowth(suspect: Suspect): string {
  const name = nameOfSuspect(suspect);
  const { growth } = suspect;
  switch (growth.is) {
    case 'leak':
      return `${sayRate(growth)} ${name} per cycle`;
    case 'bounded':
      return growth.at > 0 ? `${name}: bounded (fills to ${growth.at})` : `${name}: bounded`;
    case 'late':
      return `${name}: late release (after ${(growth.afterMs / 1_000).toFixed(1)} s)`;
    case 'undecided':
      return `${name}: ${growth.why}`;
  }
}

/** What of it cannot be told, and why there were no more cycles to tell it. */
export function sayUndecided(suspect: Suspect, cutShort: string | undefined): string {
  const growth = sayGrowth(suspect);
  return cutShort === undefined || growth.includes(cutShort) ? growth : `${growth}; ${cutShort}`;
}

/** An exact count as it is, a rate with its interval. */
export function sayRate(growth: Extract<Growth, { is: 'leak' }>): string {
  if (growth.exact) return String(growth.perCycle);
  return `${rounded(growth.perCycle)} (${rounded(growth.low)}–${rounded(growth.high)})`;
}

/** What hangs on others is only counted, unless there is nothing else; those of one name are told together. */
export function shortList(suspects: readonly Suspect[], mostCount: number): string {
  const telling = suspects.filter((suspect) => rankOf(suspect) <= 1);
  const byName = new Map<string, Suspect[]>();
  for (const suspect of telling.length > 0 ? telling : suspects) {
    const key = `${suspect.growth.is} ${nameOfSuspect(suspect)}`;
    byName.set(key, [...(byName.get(key) ?? []), suspect]);
  }
  const named = [...byName.values()].slice(0, mostCount);
  const more = suspects.length - named.flat().length;
  return `${named.map(sayTogether).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Rates add up; of what is no leak the first stands for all. */
function sayTogether(alike: readonly Suspect[]): string {
  const [first] = alike;
  if (first === undefined) return '';
  if (alike.length === 1) return sayGrowth(first);
  const leaks = alike.flatMap(({ growth }) => (growth.is === 'leak' ? [growth] : []));
  const add = (numberOf: (leak: (typeof leaks)[number]) => number): number =>
    leaks.reduce((sum, leak) => sum + numberOf(leak), 0);
  const sum: Growth = {
    is: 'leak',
    perCycle: add(({ perCycle }) => perCycle),
    exact: leaks.every(({ exact }) => exact),
    low: add(({ low }) => low),
    high: add(({ high }) => high),
  };
  return `${sayGrowth(leaks.length === 0 ? first : { ...first, growth: sum })} (${alike.length} of them)`;
}

function rounded(rate: number): string {
  return String(rate >= 10 ? Math.round(rate) : Math.round(rate * 100) / 100);
}
