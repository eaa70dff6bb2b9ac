import type { Finding as Traced } from '../../trace/finding.ts';
import type { RetainingPath } from '../../trace/retaining-path.ts';
import { rateOf } from '../../verdict/causes.ts';
import type { Suspect } from '../../verdict/suspects.ts';

/** One on each, but for what was cut on its way. */
export const ONE_EACH_SHARE = 0.15;
/** `_events`, the Array under the name of the event, and the listener in it. */
const LONGEST_LIST = 3;

/** Something that was counted and grew. */
export type Counted = Extract<Suspect, { from: 'count' }>;

/** Whether there is one of it on each of what there are so many of a cycle. */
export function isOneEach(suspect: Suspect, perCycle: number): boolean {
  return Math.abs(rateOf(suspect) - perCycle) <= ONE_EACH_SHARE * perCycle;
}

/** The listener that a traced thing is, as the lists of listeners counted it. */
export function listenerOf(traced: Traced, open: readonly Suspect[]): Counted | undefined {
  const { path, className, perCycle } = traced;
  if (path === undefined) return undefined;
  const counted = countsOf('listeners', open).filter((suspect) => isOneEach(suspect, perCycle));
  const listed = counted.find(({ series }) => series.name === listOf(path));
  if (listed !== undefined) return listed;
  // An EventTarget keeps objects of Node's own, in a list of which a heap shows neither the event nor always the class.
  const isOfTarget = className === 'Listener' && path.steps.some(({ name }) => name === '<symbol kEvents>');
  return isOfTarget && counted.length === 1 ? counted[0] : undefined;
}

/** The timers by what they call that a traced timer is one of, where only these can be meant. */
export function timerOf({ className, perCycle }: Traced, open: readonly Suspect[]): Counted | undefined {
  if (className !== 'Timeout' && className !== 'Immediate') return undefined;
  const counted = countsOf('timers', open).filter((suspect) => isOneEach(suspect, perCycle));
  return counted.length === 1 ? counted[0] : undefined;
}

/** The entries of the collection that keeps a traced thing, where the same number of them came. */
export function entryOf({ path, perCycle, exact }: Traced, open: readonly Suspect[]): Counted | undefined {
  const holder = path?.steps.at(-2)?.className;
  return countsOf('collection', open).find(
    (suspect) =>
      holder !== undefined &&
      suspect.series.name.split(' of ')[0] === holder &&
      (exact ? rateOf(suspect) === perCycle : isOneEach(suspect, perCycle)),
  );
}

function countsOf(kind: 'listeners' | 'timers' | 'collection', open: readonly Suspect[]): readonly Counted[] {
  return open.filter((suspect) => suspect.from === 'count').filter(({ series }) => series.kind === kind);
}

/** `EventEmitter#tick` of what is kept by it: one listener is kept itself, more of them in an Array. */
function listOf({ steps }: RetainingPath): string | undefined {
  const at = steps.findLastIndex(({ name }) => name === '_events');
  const [emitter, list] = [steps[at - 1], steps[at + 1]];
  if (at < 1 || emitter === undefined || list === undefined || steps.length - at > LONGEST_LIST) return undefined;
  return `${emitter.className}#${list.name}`;
}
