import type { LifeDrive } from '../../drive/recipes/types.ts';
import { sayOpenOn } from '../../report/open-on.ts';
import { placeText, relationTo } from '../../report/place-text.ts';
import type { Finding, Place, RetainingStep } from '../../verdict/finding.ts';
import { sayRate } from './growth-text.ts';

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
  const variable = path.findLastIndex(({ edgeKind }) => edgeKind === 'variable');
  const said = path
    .slice(Math.max(0, variable), -1)
    .map(sayStep)
    .filter((step) => step !== '');
  return [lastEdge(path.at(-1)), ...said.toReversed()].filter((part) => part !== '').join(' ← ');
}

/** A property or variable that holds the thing itself says more than its holder alone. */
function lastEdge(step: RetainingStep | undefined): string {
  if (step === undefined) return '';
  if (step.edgeKind === 'entry') return sayEntry(step);
  if (step.edge === '' || step.edgeKind === 'element') return '';
  return step.edgeKind === 'variable' ? sayVariable(step) : `.${step.edge}`;
}

function sayStep(step: RetainingStep): string {
  if (step.edgeKind === 'root') return step.name;
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
