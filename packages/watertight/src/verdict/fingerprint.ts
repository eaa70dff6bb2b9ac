import { createHash } from 'node:crypto';
import type { Finding, Place } from './finding.ts';

const LENGTH = 16;

/**
 * The same cause has the same fingerprint in the next run and on another machine: no counts, no lines, no folders above the
 * package or the working folder. Where a trace was made it is the path that holds what is kept; else what is kept, and where it came from.
 */
export function fingerprintOf(finding: Pick<Finding, 'kind' | 'name' | 'allocatedAt' | 'retainedBy'>): string {
  const parts =
    finding.retainedBy === null
      ? [finding.kind, finding.name, placeOf(finding.allocatedAt)]
      : [finding.kind, ...finding.retainedBy.map(({ edge, edgeKind, name }) => `${edgeKind} ${edge} ${name}`)];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, LENGTH);
}

function placeOf(place: Place | null): string {
  if (place === null) return '';
  const file = place.file.replace(/^.*node_modules[\\/]/, '').replaceAll('\\', '/');
  return `${file} ${place.functionName}`;
}
