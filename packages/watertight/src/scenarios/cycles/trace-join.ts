import { rateOf, type CauseFacts } from '../../verdict/causes.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import type { Finding as Traced } from '../../trace/finding.ts';
import type { SurvivorSite } from '../../inspector/heap-types.ts';
import type { Trace } from './tracing.ts';

/** Two rates that differ less than this may be the same. */
const SAME_RATE_SHARE = 0.35;
/** Names under which the trace and the counts know the same thing. */
const PLAIN_CLASS = /^(?:system \/ )?(.*?)(?:\(\))?$/;

/** What the trace says is a cause, with what the counts know of it. */
export interface Joined {
  readonly traced: Traced;
  readonly site: SurvivorSite | undefined;
  /** The counts of the same class, when it was counted. */
  readonly count: Suspect | undefined;
}

/**
 * Puts together what was traced and what was counted. What hangs on a traced cause is told by the trace; what was counted
 * outside the heap, or has nothing to do with any path, is left over.
 */
export function joinTrace(
  open: readonly Suspect[],
  { traced, selfBytes }: Trace,
  facts: Pick<CauseFacts, 'ownerRank'>,
): { readonly joined: readonly Joined[]; readonly rest: readonly Suspect[] } {
  const joined = traced.map((one, index): Joined => {
    const plain = PLAIN_CLASS.exec(one.className)?.[1] ?? one.className;
    const count = open.find(
      (suspect) => suspect.from === 'count' && suspect.series.kind === 'objects' && suspect.series.name === plain,
    );
    return { traced: one, site: siteOf(one, plain, selfBytes[index] ?? 0, open, facts), count };
  });
  // Where somebody was traced, objects and their stacks hang on it; they are told as carried along.
  const isTold = ({ from, ...suspect }: Suspect): boolean =>
    joined.length > 0 && (from === 'site' || ('series' in suspect && IN_HEAP.has(suspect.series.kind)));
  return { joined, rest: open.filter((suspect) => !isTold(suspect)) };
}

const IN_HEAP: ReadonlySet<string> = new Set(['objects', 'collection', 'promises']);

function siteOf(
  traced: Traced,
  className: string,
  selfBytes: number,
  open: readonly Suspect[],
  facts: Pick<CauseFacts, 'ownerRank'>,
): SurvivorSite | undefined {
  const candidates = open.flatMap((suspect) => {
    if (suspect.from !== 'site') return [];
    const { site } = suspect.site;
    const isSameRate = Math.abs(rateOf(suspect) - traced.perCycle) <= SAME_RATE_SHARE * traced.perCycle;
    const isSameSize = site.sizes.some(({ bytes }) => bytes === selfBytes);
    const isConstructor = site.stack[0]?.functionName === className;
    if (!isSameSize && !isConstructor) return [];
    return [{ site, order: [isConstructor ? 0 : 1, isSameSize ? 0 : 1, isSameRate ? 0 : 1, facts.ownerRank(site)] }];
  });
  const [best] = candidates.toSorted((one, other) => compare(one.order, other.order));
  return best?.site;
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
