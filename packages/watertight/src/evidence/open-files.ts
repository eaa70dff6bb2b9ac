import { fileDescriptors } from '../target/proc.ts';
import type { Counts } from './counts.ts';
import { countBy, kindOfDescriptor } from './process-look.ts';

/** Something that descriptors are open on; what differs from one to the next stands as `*`. */
export interface OpenOn {
  readonly name: string;
  readonly count: number;
}

const SHOWN_COUNT = 3;
/** Fewer than this share of all says nothing about them. */
const LEAST_SHARE = 0.1;
const MOST_SHARE = 0.5;

/** Ways to call a file, each the same for more of them. */
const CALLED: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => path.replaceAll(/[\da-f]{8}-[\da-f-]{27}|\d+/gi, '*'),
  (path) => path.replace(/[^/]+?(\.\w+)?( \(deleted\))?$/, '*$1$2'),
  (path) => path.replace(/[^/]+\/[^/]+?(\.\w+)?( \(deleted\))?$/, '*/*$1$2'),
];

/** The files that these processes have open, by path. */
export function openFiles(pids: readonly number[]): Counts {
  const targets = pids.flatMap((pid) => fileDescriptors(pid));
  return countBy(targets.filter((target) => kindOfDescriptor(target) === 'file'));
}

/** What has been opened since and not closed, by the most exact names that say something of half of it; the most first. */
export function openedSince(before: Counts, now: Counts): readonly OpenOn[] {
  const more = Object.entries(now)
    .map(([path, count]) => ({ path, count: count - (before[path] ?? 0) }))
    .filter(({ count }) => count > 0);
  const total = more.reduce((sum, { count }) => sum + count, 0);
  for (const call of CALLED) {
    const counts = new Map<string, number>();
    for (const { path, count } of more) counts.set(call(path), (counts.get(call(path)) ?? 0) + count);
    const named = [...counts]
      .map(([name, count]) => ({ name, count }))
      .filter(({ count }) => count >= total * LEAST_SHARE)
      .toSorted((one, other) => other.count - one.count)
      .slice(0, SHOWN_COUNT);
    if (named.reduce((sum, { count }) => sum + count, 0) > total * MOST_SHARE) return named;
  }
  return [];
}
