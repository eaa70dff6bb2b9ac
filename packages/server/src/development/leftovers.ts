import type { Suspicion } from '../suspicion.ts';
import { type Life, within } from './life-context.ts';
import { stopWatchingListeners, tellListenersOf, watchListeners } from './listener-watch.ts';
import { stopWatchingTimers, timersOf, watchTimers } from './timer-watch.ts';

interface Ledger {
  raise(suspicion: Suspicion): number;
  withdraw(id: number): void;
}

/** Factories in development mode in this process: the watches are shared. */
let users = 0;

/** Development mode of one factory: what code of a manager started, did not register, and left behind. */
export class Leftovers {
  readonly #ledger: Ledger;
  #stopped = false;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    users += 1;
    if (users > 1) return;
    watchTimers();
    watchListeners();
  }

  within<Result>(life: Life, code: () => Result): Result {
    return within(life, code);
  }

  /** The manager has closed: what it left behind is suspected, once Node has told which timers were stopped. */
  closed(life: Life): void {
    setImmediate(() => this.#look(life));
  }

  #look(life: Life): void {
    if (this.#stopped) return;
    for (const timer of timersOf(life)) this.#raise(life, 'unregistered-timer', 'timer', timer);
    // Of the life only its facts are kept: somebody else may come to listen long after it.
    const { id, user, state } = life;
    tellListenersOf(life, (listener) => {
      if (!this.#stopped)
        this.#raise({ id, user, state }, 'unregistered-listener', `listener '${listener.event}'`, listener);
    });
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    users -= 1;
    if (users > 0) return;
    stopWatchingTimers();
    stopWatchingListeners();
  }

  #raise(
    { id: managerId, user }: Life,
    kind: Suspicion['kind'],
    name: string,
    left: { readonly place: string; onGone: (() => void) | undefined },
  ): void {
    const id = this.#ledger.raise({ kind, user, managerId, name, place: left.place });
    left.onGone = () => this.#ledger.withdraw(id);
  }
}
