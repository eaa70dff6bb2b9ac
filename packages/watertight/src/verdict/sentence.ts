import type { Figure } from './types.ts';
import type { ViolationType } from './violation-types.ts';

/** What is said of a violation about which nobody said anything else. */
export function sentenceOf(type: ViolationType, evidence: Readonly<Record<string, Figure>>): string {
  const pairs = Object.entries(evidence).map(([name, value]) => `${name} ${String(value)}`);
  return pairs.length === 0 ? type : `${type}: ${pairs.join(', ')}`;
}
