import { AsyncLocalStorage } from 'node:async_hooks';

/** The manager whose code runs, as far as the watches have to know it. */
export interface Life {
  readonly id: string;
  readonly user: string;
  readonly state: string;
}

const lives = new AsyncLocalStorage<Life>();

/** Runs code as code of a manager, whatever it starts included. */
export function within<Result>(life: Life, code: () => Result): Result {
  return lives.run(life, code);
}

/** The manager whose code runs now, unless it has closed. */
export function currentLife(): Life | undefined {
  const life = lives.getStore();
  return life?.state === 'closed' ? undefined : life;
}
