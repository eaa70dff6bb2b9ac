import { createHash } from 'node:crypto';
import type { Finding, Place } from '../../verdict/finding.ts';

const LENGTH = 12;

/**
 * A stable name for a cause: no counts, no lines, no folders above the package or the working folder, and nothing that only a
 * trace knows.
 */
export function fingerprintOf({ kind, name, allocatedAt }: Pick<Finding, 'kind' | 'name' | 'allocatedAt'>): string {
  return createHash('sha256')
    .update([kind, name, placeOf(allocatedAt)].join('\n'))
    .digest('hex')
    .slice(0, LENGTH);
}

function placeOf(place: Place | null): string {
  if (place === null) return '';
  const file = place.file.replace(/^.*node_modules[\\/]/, '').replaceAll('\\', '/');
  return `${file} ${place.functionName}`;
}
