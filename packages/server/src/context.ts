import { show } from './show.ts';

/** A user id may have this many bytes in UTF-8. */
export const MAX_USER_BYTES = 256;

/** Who asks to be admitted, as the caller knows it. */
export interface AdmissionRequest {
  /** Opaque; 1 to {@link MAX_USER_BYTES} bytes of UTF-8, well-formed, not blank, without control characters. */
  readonly user: string;
  /** Whatever the caller uses to tell one session of a user from another; `null`: there is none. */
  readonly sessionId?: string | null | undefined;
  /** `null`: not known. */
  readonly remoteAddress?: string | null | undefined;
}

/** The facts of one admission: made once, passed on frozen, never derived again. */
export interface AdmissionContext {
  readonly user: string;
  readonly sessionId: string | undefined;
  readonly remoteAddress: string | undefined;
}

/** Frozen by whoever passes it on: most are never asked for, and freezing costs more than making. */
export function makeContext({ user, sessionId, remoteAddress }: AdmissionRequest): AdmissionContext {
  return { user, sessionId: sessionId ?? undefined, remoteAddress: remoteAddress ?? undefined };
}

const NONE: readonly string[] = [];

/** What is wrong with what stands beside the user, one sentence each. Nothing is made where nothing is wrong: every upgrade comes here. */
export function detailProblems({ sessionId, remoteAddress }: AdmissionRequest): readonly string[] {
  if (isDetail(sessionId) && isDetail(remoteAddress)) return NONE;
  return Object.entries({ sessionId, remoteAddress }).flatMap(([name, value]) =>
    isDetail(value) ? [] : [`${name} must be a string, or null where there is none; got ${show(value)}`],
  );
}

function isDetail(value: unknown): boolean {
  return typeof value === 'string' || value === null || value === undefined;
}

/** What stands for no text: C0 and C1 controls, or half of a surrogate pair; whole pairs match too and are looked at again. */
const SUSPICIOUS = /[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** No UTF-16 unit takes more than three bytes, so shorter strings need not be measured. */
const SURELY_SHORT = Math.floor(MAX_USER_BYTES / 3);

/** One sentence on what is wrong with a user id, or `undefined`. Never repeats the id: it may be 10 MB of anything. */
export function userProblem(user: unknown): string | undefined {
  if (typeof user !== 'string') return `user must be a string, got ${user === null ? 'null' : typeof user}`;
  if (user.length === 0) return 'user is empty; it must have 1 to 256 bytes';
  if (user.length > SURELY_SHORT) {
    const bytes = user.length > MAX_USER_BYTES ? undefined : Buffer.byteLength(user);
    if (bytes === undefined)
      return `user has ${user.length} characters; at most ${MAX_USER_BYTES} bytes of UTF-8 are allowed`;
    if (bytes > MAX_USER_BYTES) return `user has ${bytes} bytes of UTF-8; at most ${MAX_USER_BYTES} are allowed`;
  }
  if (SUSPICIOUS.test(user)) {
    const control = CONTROL.exec(user);
    if (control !== null) {
      const codePoint = (user.codePointAt(control.index) ?? 0).toString(16).padStart(4, '0').toUpperCase();
      return `user has the control character U+${codePoint} at position ${control.index}`;
    }
    if (!user.isWellFormed())
      return 'user is not well-formed text: it has half of a surrogate pair and cannot be written as UTF-8';
  }
  const first = user.charCodeAt(0);
  // Between the two lie no blanks.
  if ((first <= 0x20 || first >= 0xa0) && user.trim() === '') return 'user is blank';
  return undefined;
}
