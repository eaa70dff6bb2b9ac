import type { Finding } from '../verdict/finding.ts';

/** `/srv/audit.log (1303 times)`. */
export function sayOpenOn(openOn: NonNullable<Finding['openOn']>): string {
  return openOn.map(({ name, count }) => `${name} (${count === 1 ? 'once' : `${count} times`})`).join(', ');
}
