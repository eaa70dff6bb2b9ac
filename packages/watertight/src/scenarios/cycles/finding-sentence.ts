import type { LifeDrive } from '../../drive/recipes/types.ts';
import { sayOpenOn } from '../../report/open-on.ts';
import { placeText, relationTo } from '../../report/place-text.ts';
import type { Finding, Place, RetainingStep } from '../../verdict/finding.ts';
import { sayRate } from './growth-text.ts';

/** What Node calls its list of timers that fire after the same time. */
const LIST_OF_TIMERS = 'TimersList';

/** As V8 writes it; a browser puts the address of its page behind it. */
const GLOBAL_OBJECT = /^global \/ /;

/** `1 Session per connection (144 B)`. */
export function sayTitle(
  { growth, name, bytesPerCycle }: Pick<Finding, 'growth' | 'name' | 'bytesPerCycle'>,
  each: LifeDrive['each'],
): string {
  const bytes = bytesPerCycle === null ? '' : ` (${bytesPerCycle} B)`;
  return `${growth.is === 'leak' ? sayRate(growth) : 'some'} ${name} per ${each}${bytes}`;
}

/** `1 Session per connection (144 B) — src/chat.ts:41:7 in onConnection — kept by Map sessions ← module scope — on RST, not on close`. */
export function sayFinding(finding: Omit<Finding, 'sentence' | 'fingerprint'>): string {
  const parts = [finding.title];
  if (finding.allocatedAt !== null) parts.push(placeText(finding.allocatedAt));
  else if (finding.definedAt !== null) parts.push(sayWhatItIs(finding.name, finding.definedAt));
  if (finding.openOn !== undefined) parts.push(`open on ${sayOpenOn(finding.openOn)}`);
  if (finding.keptBy !== null) parts.push(`kept by ${finding.keptBy}`);
  if (finding.endings !== null) parts.push(sayEndings(finding.endings));
  return parts.join(' — ');
}

function sayWhatItIs(name: string, place: Place): string {
  const relation = relationTo(place, name);
  return `${relation === 'defined' ? 'defined at' : relation} ${placeText(place)}`;
}

/** From what holds it back to the variable by which the program reaches it, or to the root; what is kept itself is left out. */
export function sayPath(path: readonly RetainingStep[]): string {
  if (path.length === 1) return 'nothing in the heap: it is a root itself, as an open handle is';
  const timer = armedTimer(path);
  if (timer === path.length - 1) return 'nothing but the timers of Node: it is armed';
  const last = path.at(-1);
  const isRepeat = (step: RetainingStep): boolean =>
    step.edgeKind === 'variable' && step.edge === last?.edge && step.name === last.name && step.scope === last.scope;
  const steps = path.slice(timer === -1 ? firstSaid(path) : timer + 1, -1);
  const said = steps.filter((step) => !isRepeat(step)).map(sayStep);
  const armed = path[timer];
  const holders = armed === undefined ? said : [`${armed.name}, which is armed`, ...said];
  return [lastEdge(last), ...holders.toReversed()].filter((part) => part !== '').join(' ← ');
}

/** Where the program reaches what is kept by no variable of its own, the timer that Node keeps while it is armed; -1 where there is none. */
function armedTimer(path: readonly RetainingStep[]): number {
  const list = path.findLastIndex(({ name }) => name === LIST_OF_TIMERS);
  return list > lastVariable(path) && list < path.length - 1 ? list + 1 : -1;
}

/**
 * The variable by which the program reaches what is kept. In a chain of closures each holds the one before it by a variable too: the
 * program reaches the first of them.
 */
function firstSaid(path: readonly RetainingStep[]): number {
  const kept = path.at(-1)?.name;
  let at = path.length - 1;
  while (path[at]?.edgeKind === 'variable' && path[at - 1]?.name === kept) at -= 1;
  const first = lastVariable(path.slice(0, at + 1));
  return Math.max(0, first === -1 ? lastVariable(path) : first);
}

function lastVariable(path: readonly RetainingStep[]): number {
  return path.findLastIndex(({ edgeKind }) => edgeKind === 'variable');
}

/** A property or variable that holds the thing itself says more than its holder alone. */
function lastEdge(step: RetainingStep | undefined): string {
  if (step === undefined) return '';
  if (step.edgeKind === 'entry') return sayEntry(step);
  if (step.edge === '' || step.edgeKind === 'element') return '';
  return step.edgeKind === 'variable' ? sayVariable(step) : `.${step.edge}`;
}

function sayStep(step: RetainingStep): string {
  if (step.edgeKind === 'root') return step.name === '(global)' ? '' : step.name;
  if (GLOBAL_OBJECT.test(step.name)) return step.edge === '' ? 'globalThis' : `globalThis .${step.edge}`;
  if (step.edgeKind === 'variable') return `${step.name} ${sayVariable(step)}`;
  if (step.edgeKind === 'entry') return `${step.name} ${sayEntry(step)}`;
  return step.edge === '' ? step.name : `${step.name} .${step.edge}`;
}

/** The key, which comes next, does not hold the value by itself. */
function sayEntry({ edge }: RetainingStep): string {
  return edge === '' ? 'in a WeakMap, by its key' : `in the WeakMap ${edge}, by its key`;
}

function sayVariable({ edge, scope, place }: RetainingStep): string {
  const at = place === null ? '' : ` (${place.file}:${place.line})`;
  return `${edge}${at}${scope === null ? '' : ` ← ${scope}`}`;
}

function sayEndings({ leaking, clean }: NonNullable<Finding['endings']>): string {
  const rest = clean.length === 0 ? '' : `, not on ${clean.join(', ')}`;
  return `on ${leaking.join(', ')}${rest}`;
}
