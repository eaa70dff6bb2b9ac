import type { IncomingMessage } from 'node:http';

import { isFromHere } from './loopback.ts';
import type { ResolvedOptions, Visitor } from './options.ts';
import { isSameSecret, SessionCookie } from './session-cookie.ts';

/** Who is let in, or why nobody is. */
export type Entry =
  | { readonly isIn: true; readonly name: string; readonly mayAct: boolean }
  | { readonly isIn: false; readonly status: 401 | 403 | 503; readonly message: string };

/** How somebody becomes known. */
export type AccessKind = 'token' | 'function' | 'loopback';

const ANSWER_WITHIN_MS = 5000;
const STRANGER = { isIn: false, status: 401 } as const;

/** Knows who may look. Decided anew for every request. */
export class Access {
  readonly kind: AccessKind;
  readonly cookie: SessionCookie | undefined;
  readonly #options: ResolvedOptions;
  readonly #answerWithinMs: number;

  constructor(options: ResolvedOptions, answerWithinMs: number = ANSWER_WITHIN_MS) {
    this.#answerWithinMs = answerWithinMs;
    const { token, authenticate, basePath } = options;
    this.#options = options;
    this.kind = token !== undefined ? 'token' : authenticate !== undefined ? 'function' : 'loopback';
    this.cookie = token === undefined ? undefined : new SessionCookie(token, basePath);
  }

  async entryOf(request: IncomingMessage): Promise<Entry> {
    const { token, authenticate } = this.#options;
    if (token !== undefined) return this.#entryByToken(request);
    if (authenticate !== undefined) return await this.#entryByFunction(request, authenticate);
    if (isFromHere(request)) return { isIn: true, name: 'loopback', mayAct: true };
    return {
      isIn: false,
      status: 403,
      message: 'this dashboard can be seen from its own machine only, and not through a proxy',
    };
  }

  knows(token: string): boolean {
    return this.#options.token !== undefined && isSameSecret(token, this.#options.token);
  }

  #entryByToken({ headers: { authorization, cookie } }: IncomingMessage): Entry {
    const [, bearer] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? [];
    if (bearer !== undefined)
      return this.knows(bearer)
        ? { isIn: true, name: 'token', mayAct: true }
        : { ...STRANGER, message: 'the token is not the one of this dashboard' };
    return this.cookie?.isValid(cookie, Date.now()) === true
      ? { isIn: true, name: 'token', mayAct: true }
      : { ...STRANGER, message: 'give the token: Authorization: Bearer <token>, or sign in on the page' };
  }

  async #entryByFunction(
    request: IncomingMessage,
    authenticate: NonNullable<ResolvedOptions['authenticate']>,
  ): Promise<Entry> {
    let answer: unknown;
    try {
      answer = await withinTime(async () => authenticate(request), this.#answerWithinMs);
    } catch (error) {
      return this.#unknown(error);
    }
    if (answer === LATE) return { isIn: false, status: 503, message: 'it took too long to tell who you are' };
    if (answer === true) return { isIn: true, name: 'visitor', mayAct: true };
    if (isVisitor(answer)) return { isIn: true, name: answer.name, mayAct: answer.mayAct !== false };
    // Nothing but a clear yes is one: what comes of `user && user.isAdmin` may be '' or 0.
    if (!answer) return { ...STRANGER, message: 'you are not signed in here' };
    return this.#unknown(
      new TypeError(`authenticate must answer true, false or a visitor with a name; got ${typeof answer}`),
    );
  }

  #unknown(error: unknown): Entry {
    this.#options.onError(error);
    return { isIn: false, status: 503, message: 'it could not be told who you are' };
  }
}

const LATE: unique symbol = Symbol('late');

function isVisitor(answer: unknown): answer is Visitor {
  return typeof answer === 'object' && answer !== null && 'name' in answer && typeof answer.name === 'string';
}

function withinTime<Result>(ask: () => Promise<Result>, withinMs: number): Promise<Result | typeof LATE> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(LATE), withinMs);
    void ask()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
