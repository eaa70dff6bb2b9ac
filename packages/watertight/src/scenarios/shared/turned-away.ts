import type { Refused } from '../../drive/types.ts';
import type { Promises } from '../../verdict/types.ts';
import { isRefusingCode, sayRefusal } from './refusal.ts';

/** Too many requests, and too much to do: RFC 6585 and RFC 9110. */
const TOO_MANY_STATUSES: ReadonlySet<number> = new Set([429, 503]);

/** Whether a server says by this that too many come, of one user, from one address, or in a second. */
export function saysTooMany({ httpStatus, closeCode }: Refused): boolean {
  if (httpStatus !== undefined) return TOO_MANY_STATUSES.has(httpStatus);
  return closeCode !== undefined && isRefusingCode(closeCode);
}

/**
 * Where nobody promised how many may come, nobody knows whether it is right to turn them away for being too many.
 *
 * @throws Error that makes a step `inconclusive`, where that is all that went wrong.
 */
export function excuseTurnedAway({ limit }: Pick<Promises, 'limit'>, isAllThatWentWrong: boolean, seen: string): void {
  if (limit.by !== 'nobody' || !isAllThatWentWrong) return;
  throw new Error(
    `${seen}; nobody promised how many are let in: fewer a second (--rate) or at a time (--concurrency), or what is promised (--limit), would settle it`,
  );
}

/** The same of those that were refused, where every one of them was for being too many; `seen` is told with what the first was answered. */
export function excuseRefused(promises: Pick<Promises, 'limit'>, refusals: readonly Refused[], seen: string): void {
  const isAll = refusals.length > 0 && refusals.every(saysTooMany);
  excuseTurnedAway(promises, isAll, `${seen}: ${sayRefusal(refusals[0])}`);
}
