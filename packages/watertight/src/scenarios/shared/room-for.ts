import type { Promises } from '../../verdict/types.ts';

/** So many of one user, or as few as its limit has room for. */
export function roomFor(count: number, { limit }: Pick<Promises, 'limit'>): number {
  return limit.by === 'nobody' ? count : Math.min(count, limit.value);
}
