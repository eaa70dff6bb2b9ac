import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A sign-in is good for twelve hours. */
const SESSION_MS = 12 * 3_600_000;
const COOKIE_NAME = 'watertight_dashboard';

/** Compares digests, so that neither the content nor the length of the token shows in the time it takes. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/**
 * Remembers in the browser that somebody knew the token, without the token: when it ends, signed with the token. Nothing is kept here, every
 * node with the same token believes it, and with another token it is void.
 */
export class SessionCookie {
  readonly #token: string;
  readonly #path: string;

  constructor(token: string, basePath: string) {
    this.#token = token;
    this.#path = basePath === '' ? '/' : basePath;
  }

  /** A header that signs in. */
  issue(nowMs: number, isSecure: boolean): string {
    const untilMs = nowMs + SESSION_MS;
    return this.#header(`${untilMs}.${this.#sign(untilMs)}`, SESSION_MS, isSecure);
  }

  /** A header that signs out. */
  clear(isSecure: boolean): string {
    return this.#header('', 0, isSecure);
  }

  isValid(cookies: string | undefined, nowMs: number): boolean {
    for (const cookie of (cookies ?? '').split(';')) {
      const [, until, signature] = /^\s*watertight_dashboard=(\d{1,16})\.([\w-]{43})\s*$/.exec(cookie) ?? [];
      if (until === undefined || signature === undefined) continue;
      if (Number(until) > nowMs && isSameSecret(signature, this.#sign(Number(until)))) return true;
    }
    return false;
  }

  #sign(untilMs: number): string {
    return createHmac('sha256', this.#token).update(`watertight dashboard until ${untilMs}`).digest('base64url');
  }

  #header(value: string, ageMs: number, isSecure: boolean): string {
    const secure = isSecure ? '; Secure' : '';
    return `${COOKIE_NAME}=${value}; Path=${this.#path}; Max-Age=${ageMs / 1000}; HttpOnly; SameSite=Strict${secure}`;
  }
}
