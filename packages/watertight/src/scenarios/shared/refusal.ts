import type { Refused } from '../../drive/types.ts';
import type { Figure } from '../../verdict/types.ts';

/** HTTP statuses by which a server says "too many": documented uses of RFC 9110 and RFC 6585. */
const REFUSING_STATUSES: ReadonlySet<number> = new Set([403, 409, 429, 503]);
/** Close codes of RFC 6455 and its registry that fit a refusal; 4000–4999 are the server's own. */
const REFUSING_CODES: ReadonlySet<number> = new Set([1008, 1012, 1013]);

/** Whether a close code fits a refusal at a limit. */
export function isRefusingCode(closeCode: number): boolean {
  return REFUSING_CODES.has(closeCode) || (closeCode >= 4000 && closeCode <= 4999);
}

/** What is wrong with the way somebody was refused at a limit; `undefined` when nothing is. */
export function whatIsUndocumented(refusal: Refused, limit: number): string | undefined {
  const { httpStatus, closeCode, message, failure, body } = refusal;
  if (failure !== undefined) return `it got no answer (${failure})`;
  if (httpStatus !== undefined) {
    if (!REFUSING_STATUSES.has(httpStatus)) return `HTTP status ${httpStatus} does not say that a limit was reached`;
  } else if (closeCode === undefined && message !== undefined) {
    if (message === '') return 'it was refused by a message without a word why';
  } else if (closeCode === undefined || !isRefusingCode(closeCode)) {
    return `close code ${closeCode ?? 'none'} does not say that a limit was reached`;
  }
  if (typeof body !== 'object' || body === null) return undefined;
  if ('limit' in body && typeof body.limit === 'number' && body.limit !== limit) {
    return `its body says the limit is ${body.limit}, promised are ${limit}`;
  }
  if ('reason' in body && (typeof body.reason !== 'string' || body.reason === ''))
    return 'its body gives an empty reason';
  return undefined;
}

export function refusalFigures(refusal: Refused): Readonly<Record<string, Figure>> {
  const { body } = refusal;
  const reason =
    typeof body === 'object' && body !== null && 'reason' in body
      ? String(body.reason)
      : (refusal.closeReason ?? refusal.message);
  return {
    httpStatus: refusal.httpStatus ?? null,
    closeCode: refusal.closeCode ?? null,
    reason: reason ?? null,
    retryAfter: refusal.retryAfter ?? null,
    failure: refusal.failure ?? null,
  };
}

/** True when the server answered with a refusal, rather than with nothing. */
export function wasAnswered(refusal: Refused): boolean {
  return refusal.httpStatus !== undefined || refusal.closeCode !== undefined || refusal.message !== undefined;
}

/** `close code 4001 (auth timeout)`. */
export function sayClose({ code, reason }: { readonly code: number; readonly reason: string }): string {
  return `close code ${code}${reason === '' ? '' : ` (${reason})`}`;
}

/** `close code 4001 (auth timeout)`, `HTTP 429`. */
export function sayRefusal(refusal: Refused | undefined): string {
  const { httpStatus, closeCode, closeReason, message, failure } = refusal ?? {};
  if (message !== undefined) return JSON.stringify(message);
  if (httpStatus !== undefined) return `HTTP ${httpStatus}`;
  if (closeCode !== undefined) return sayClose({ code: closeCode, reason: closeReason ?? '' });
  return failure ?? 'no answer';
}
