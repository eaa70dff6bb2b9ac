import type { Finding, Place, RetainingStep } from '../../verdict/finding.ts';
import { sayRate } from './growth-text.ts';

type Known = Omit<Finding, 'title' | 'sentence' | 'fingerprint'>;

/** `1 Session per connection (144 B)`. */
export function sayTitle({ growth, name, bytesPerCycle }: Known): string {
  const bytes = bytesPerCycle === null ? '' : ` (${bytesPerCycle} B)`;
  return `${growth.is === 'leak' ? sayRate(growth) : 'some'} ${name} per connection${bytes}`;
}

/** `1 Session per connection (144 B) — src/chat.ts:41 in onConnection — kept by Map sessions ← module scope — on RST, not on close`. */
export function sayFinding(finding: Known): string {
  const parts = [sayTitle(finding)];
  if (finding.allocatedAt !== null) parts.push(sayPlace(finding.allocatedAt));
  else if (finding.definedAt !== null) parts.push(`defined at ${sayPlace(finding.definedAt)}`);
  if (finding.retainedBy !== null) parts.push(`kept by ${sayPath(finding.retainedBy)}`);
  if (finding.endings !== null) parts.push(sayEndings(finding.endings));
  return parts.join(' — ');
}

export function sayPlace({ file, line, functionName, owner }: Place): string {
  const where = `${file}:${line} in ${functionName === '' ? '(anonymous)' : functionName}`;
  if (owner.is !== 'package') return where;
  return `${where} of ${owner.name}${owner.version === null ? '' : `@${owner.version}`}`;
}

/** From what is kept back to the root. */
function sayPath(path: readonly RetainingStep[]): string {
  return path
    .toReversed()
    .map(({ name, edge, place }) => `${name} ${edge}${place === null ? '' : ` (${place.file}:${place.line})`}`.trim())
    .join(' ← ');
}

function sayEndings({ leaking, clean }: NonNullable<Finding['endings']>): string {
  const rest = clean.length === 0 ? '' : `, not on ${clean.join(', ')}`;
  return `on ${leaking.join(', ')}${rest}`;
}
