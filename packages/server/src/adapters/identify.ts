import { detailProblems } from '../context.ts';
import { type AdmissionRequest, InvalidOptionsError, type ManagerFactory, type Refusal } from '../index.ts';
import { refuse } from '../refusals.ts';
import { isThenable } from '../thenable.ts';

export const DEFAULT_IDENTIFY_TIMEOUT_MS = 5000;

/**
 * What `identify` may answer: the user, the user with details, or nothing (401). Throwing {@link Forbidden} means 403.
 * The context has the remote address only if `identify` answers it: reading it is a system call, and behind a proxy it is not
 * the client's.
 */
export type Identity = string | AdmissionRequest | null | undefined;

/** Thrown by `identify` to refuse somebody it knows: HTTP 403, close code 4403. */
export class Forbidden extends Error {
  override name = 'Forbidden';
}

/** Who it is, or why nobody is let in. */
export type Identified =
  | { readonly identity: AdmissionRequest; readonly refusal?: undefined }
  | { readonly identity?: undefined; readonly refusal: Refusal };

interface Identification<Request> {
  readonly factory: ManagerFactory;
  readonly identify: (request: Request) => Identity | PromiseLike<Identity>;
  readonly identifyTimeoutMs?: number | false | undefined;
}

/** Whoever waits for the answer, and may leave before it: is told how to end the time that `identify` has. */
export interface Awaiting {
  endsWaiting(stop: () => void): void;
}

const TIMED_OUT: unique symbol = Symbol('identify timed out');

/** Asks `identify`, which may throw, and answers in time whatever it does, as long as somebody waits for it. `sinceMs`: when that time began, if not now. */
export function identifyInTime<Request>(
  request: Request,
  by: Identification<Request>,
  awaiting: Awaiting,
  sinceMs?: number,
): Identified | Promise<Identified> {
  try {
    const answer = by.identify(request);
    if (!isThenable(answer)) return identifiedBy(answer, by.factory);
    return inTime(answer, by, awaiting, sinceMs).then(
      (known) => identifiedBy(known, by.factory),
      (error: unknown) => notIdentified(error, by.factory),
    );
  } catch (error) {
    return notIdentified(error, by.factory);
  }
}

function identifiedBy(answer: Identity | typeof TIMED_OUT, factory: ManagerFactory): Identified {
  if (answer === TIMED_OUT) return { refusal: refuse('identify-timeout') };
  if (answer === null || answer === undefined) return { refusal: refuse('unauthenticated') };
  if (typeof answer === 'string') return { identity: { user: answer } };
  const problems = detailProblems(answer);
  if (problems.length === 0) return { identity: answer };
  return notIdentified(
    new InvalidOptionsError(problems.map((problem) => `in what identify answered, ${problem}`)),
    factory,
  );
}

function notIdentified(error: unknown, factory: ManagerFactory): Identified {
  if (error instanceof Forbidden) return { refusal: refuse('forbidden') };
  factory.recordError(error, 'identify');
  return { refusal: refuse('identify-failed', { cause: error }) };
}

function inTime(
  answer: PromiseLike<Identity>,
  { factory, identifyTimeoutMs = DEFAULT_IDENTIFY_TIMEOUT_MS }: Identification<never>,
  awaiting: Awaiting,
  sinceMs: number | undefined,
): Promise<Identity | typeof TIMED_OUT> {
  if (identifyTimeoutMs === false) return Promise.resolve(answer);
  const passedMs = sinceMs === undefined ? 0 : factory.clock.now() - sinceMs;
  return new Promise((resolve, reject) => {
    const timer = factory.clock.setTimeout(() => resolve(TIMED_OUT), Math.max(1, identifyTimeoutMs - passedMs));
    const done = (): void => factory.clock.clear(timer);
    awaiting.endsWaiting(done);
    answer.then(resolve, reject).then(done, done);
  });
}

/** Whatever `identify` says itself about the address counts. */
export function fromAddress(remoteAddress: string | undefined, identified: Identified): Identified {
  const { identity } = identified;
  const known = identity?.remoteAddress ?? undefined;
  if (remoteAddress === undefined || identity === undefined || known !== undefined) return identified;
  return { identity: { user: identity.user, sessionId: identity.sessionId, remoteAddress } };
}
