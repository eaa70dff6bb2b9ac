import { type Refusal, refuse } from '../refusals.ts';
import type { Denial } from './types.ts';

/** What a client is told when the store has refused. */
export function refusalOf({ by, limit, held, retryAfterMs }: Denial): Refusal {
  if (by === 'user' && limit === 0) return refuse('banned', { limit, held });
  if (by === 'user') {
    const message = `Refused: maximum number of managers per user reached (${limit}); the user holds ${held} on all nodes`;
    // No longer than a client waits at the limit of one node: whoever holds a lease may leave at any moment.
    return refuse('user-limit', { message, limit, held, retryAfterMs: Math.min(5000, Math.max(1, retryAfterMs)) });
  }
  if (by === 'tenant') {
    const message = `Refused: maximum number of managers per tenant reached (${limit}); it holds ${held} on all nodes`;
    return refuse('tenant-limit', { message, limit, held });
  }
  const message = `Refused: maximum number of managers of the fleet reached (${limit}); it holds ${held}`;
  return refuse('fleet-limit', { message, limit, held });
}
