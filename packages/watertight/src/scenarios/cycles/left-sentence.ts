import type { LifeEnding } from '../../drive/recipes/types.ts';
import type { EndingSeen, EndingsSeen, VanishSeen } from './endings.ts';
import { tellingRank, type Remainder } from './left-counts.ts';
import { entryIn } from './entry-text.ts';

/** So many things are named in a sentence; the figures have all of them. */
const NAMED_COUNT = 4;

const NAMES: Readonly<Record<LifeEnding, string>> = {
  'close-frame': 'a close frame',
  fin: 'FIN',
  rst: 'RST',
  'protocol-error': 'a protocol error',
  'abort-in-upgrade': 'an abort in the upgrade',
  'abort-after-response': 'an abort right after the upgrade',
  'oversized-frame': 'an oversized frame',
  'mid-frame': 'RST in the middle of a frame',
  'during-work': 'RST while the server works',
  'as-written': 'the end that the recipe writes',
  vanish: 'a vanish',
  stall: 'a stall',
};

/** One sentence: after which endings what is left, and after which nothing. */
export function sayWhatIsLeft({ endings, wereTooFew, vanish }: EndingsSeen): string {
  const groups = new Map<string, LifeEnding[]>();
  const clean: LifeEnding[] = [];
  for (const seen of endings) {
    if (seen.left.length === 0) clean.push(seen.ending);
    else groups.set(perConnection(seen), [...(groups.get(perConnection(seen)) ?? []), seen.ending]);
  }
  if (vanish?.left.length === 0) clean.push('vanish');
  const parts = [...groups].map(([what, after]) => `after ${listed(after)}: ${what}`);
  if (vanish !== undefined && vanish.left.length > 0) parts.push(`after a vanish: ${ofVanished(vanish)}`);
  if (parts.length === 0) return `left of ${endings[0]?.cycles ?? 0} connections each: nothing after ${listed(clean)}`;
  return `left ${parts.join('; ')}${sayClean(clean, wereTooFew)}`;
}

function sayClean(clean: readonly LifeEnding[], wereTooFew: boolean): string {
  if (clean.length === 0) return '';
  return wereTooFew
    ? `; too few of each to say that nothing stays after ${listed(clean)} (--budget)`
    : `; nothing after ${listed(clean)}`;
}

/** What stays of peers that vanished, and against which promise that stands. */
export function ofVanished(seen: VanishSeen): string {
  const by =
    seen.promisedMs === undefined
      ? `${seen.lookedAfterMs} ms later, while nobody says goodbye, which nobody promised to notice (--silence)`
      : `${seen.lookedAfterMs} ms later, promised within ${seen.promisedMs} ms`;
  return `${perConnection(seen)}, ${by}`;
}

/** What is left after one ending, in full: for the figures. */
export function inFull(seen: Pick<EndingSeen, 'left'>): string {
  if (seen.left.length === 0) return 'nothing';
  return seen.left.map((remainder) => `${remainder.count} ${nameOf(remainder)}`).join(', ');
}

export function afterEnding(ending: LifeEnding): string {
  return `after ${NAMES[ending]}`;
}

function listed(endings: readonly LifeEnding[]): string {
  const names = endings.map((ending) => NAMES[ending]);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

/** `1 Seat, 1 WebSocket per connection (7 of 7)`. */
export function perConnection({ left, cycles }: Pick<EndingSeen, 'left' | 'cycles'>): string {
  const counts = new Map<string, number>();
  for (const remainder of worthNaming(left))
    counts.set(nameOf(remainder), (counts.get(nameOf(remainder)) ?? 0) + remainder.count);
  const named = [...counts].slice(0, NAMED_COUNT);
  const each = named.map(([name, count]) => `${Math.round((count / cycles) * 10) / 10} ${name}`);
  const more = counts.size > named.length ? ` and ${counts.size - named.length} more` : '';
  const ofCount = Math.min(cycles, Math.max(...named.map(([, count]) => count)));
  return `${each.join(', ')}${more} per connection (${ofCount} of ${cycles})`;
}

/** Each thing once, as the kind that says most; what hangs on something else only when there is nothing else. */
function worthNaming(left: readonly Remainder[]): readonly Remainder[] {
  const counted = (kind: Remainder['kind'], name?: string): number =>
    left.find((remainder) => remainder.kind === kind && (name === undefined || remainder.name === name))?.count ?? 0;
  const distinct = left.filter(({ kind, name, count }) => {
    if (kind === 'descriptors') return name !== 'socket' || counted('sockets') < count;
    if (kind === 'handles' && name === 'TCPSocketWrap') return counted('sockets') < count;
    // The object of a timer that runs, and of a socket that is open.
    if (kind === 'instances' && name === 'Timeout') return counted('timers') < count;
    return true;
  });
  const telling = distinct
    .filter(({ kind, name }) => kind !== 'instances' || tellingRank(name) <= 1)
    // What the server itself calls by a name comes first: that is what somebody can look for.
    .toSorted((one, other) => own(other) - own(one));
  return telling.length > 0 ? telling : distinct;
}

function own({ kind, name }: Remainder): number {
  return kind === 'instances' && tellingRank(name) === 0 ? 1 : 0;
}

function nameOf({ kind, name }: Remainder): string {
  switch (kind) {
    case 'managers':
      return name === 'users' ? 'user' : `${name} manager`;
    case 'gauges':
      return `on the gauge ${name}`;
    case 'sockets':
      return `socket (${name})`;
    case 'timers':
      return name;
    case 'handles':
      return name === 'Timeout' ? 'running Timeout' : `open ${name}`;
    case 'listeners':
      return `listener on ${name}`;
    case 'descriptors':
      return `file descriptor (${name})`;
    case 'collections':
      return entryIn(name);
    case 'processes':
      return `child process (${name})`;
    case 'threads':
    case 'realms':
    case 'promises':
    case 'stacks':
    case 'instances':
      return name;
  }
}
