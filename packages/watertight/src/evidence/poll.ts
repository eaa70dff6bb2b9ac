import { setTimeout as delay } from 'node:timers/promises';

export interface Polled<T> {
  /** True when `done` said so before the deadline. */
  readonly reached: boolean;
  /** The last thing seen. */
  readonly last: T;
  /** Milliseconds from the call to the look that decided. */
  readonly afterMs: number;
}

/** Looks again and again until it is done or the deadline has passed; the last look is always after the deadline. */
export async function poll<T>(
  look: () => Promise<T> | T,
  done: (seen: T) => boolean,
  options: { readonly deadlineMs: number; readonly everyMs?: number; readonly signal?: AbortSignal },
): Promise<Polled<T>> {
  const startedAtMs = performance.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const askedAtMs = performance.now();
    const last = await look();
    const reached = done(last);
    if (reached || askedAtMs - startedAtMs >= options.deadlineMs)
      return { reached, last, afterMs: askedAtMs - startedAtMs };
    await delay(options.everyMs ?? 10);
  }
}

/** What was promised, or `undefined` when it has not come in time: a server that hangs must not hang the one who examines it. */
export async function withinMs<T>(promised: Promise<T> | undefined, deadlineMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, undefined);
  });
  try {
    return await Promise.race([promised, late]);
  } finally {
    clearTimeout(timer);
  }
}
