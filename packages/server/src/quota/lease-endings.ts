import { CLOSE_CODES } from '../close-codes.ts';
import type { LeaseFate } from './types.ts';

/** How a manager ends whose lease is lost; one that was retaken goes on. */
export const ENDINGS: Readonly<Record<LeaseFate, { readonly reason: string; readonly closeCode: number } | undefined>> =
  {
    retaken: undefined,
    expired: { reason: 'lease-lost', closeCode: CLOSE_CODES.busy },
    'over-limit': { reason: 'over-limit', closeCode: CLOSE_CODES.limited },
    'taken-over': { reason: 'taken-over', closeCode: CLOSE_CODES.takenOver },
    freed: { reason: 'freed', closeCode: CLOSE_CODES.closed },
  };
