import type { ManagerFactory } from '../../src/manager-factory.ts';
import type { Refusal } from '../../src/refusals.ts';
import type { UserUsage } from '../../src/stats.ts';
import { demand } from './demand.ts';

/** What each user may hold, as the steps of the run have set it: the factory is not asked. */
export class ExpectedLimits {
  readonly #factory: ManagerFactory;
  readonly #limit: number;
  readonly #maxClosing: number;
  readonly #overrides = new Map<string, number>();
  /** Slots that were taken. */
  created = 0;
  /** Nobody is admitted from now on. */
  isShut = false;

  constructor(factory: ManagerFactory, { limit, maxClosing }: { readonly limit: number; readonly maxClosing: number }) {
    this.#factory = factory;
    this.#limit = limit;
    this.#maxClosing = maxClosing;
  }

  override(user: string, maxManagers: number | undefined): void {
    if (maxManagers === undefined) {
      const existed = this.#factory.clearOverride(user);
      demand(existed === this.#overrides.delete(user), `there was ${existed ? 'an' : 'no'} override of ${user}`);
    } else {
      this.#factory.setOverride(user, { maxManagers });
      this.#overrides.set(user, maxManagers);
    }
  }

  of(user: string): number {
    return this.#overrides.get(user) ?? this.#limit;
  }

  /** A slot was taken: at this moment what is held is within what is allowed, whatever will be allowed later. */
  admitted(user: string): void {
    this.created += 1;
    const { held } = this.#factory.usage(user);
    demand(!this.isShut, `${user} was admitted though nobody is`);
    demand(held <= this.of(user), `${user} was admitted and holds ${held} of ${this.of(user)}`);
  }

  /** Nobody is told to be at a limit that it is not at. */
  refused(user: string, { reason, limit }: Refusal): void {
    if (reason !== 'user-limit' && reason !== 'banned') return;
    const [isBanned, allowed] = [reason === 'banned', this.of(user)];
    const { held } = this.#factory.usage(user);
    demand(limit === allowed, `${user} may hold ${allowed}, and is told ${limit}`);
    demand(isBanned === (allowed === 0), `${user} may hold ${allowed}, and is refused as ${reason}`);
    demand(held >= allowed, `${user} holds ${held} of ${allowed}, and is refused as ${reason}`);
  }

  /** Of a user, at any time. The limit binds who is admitted: whoever was may be more than are allowed now. */
  check({ user, active, pending, closing, held, limit }: UserUsage): void {
    const [allowed, override] = [this.of(user), this.#overrides.get(user) ?? 0];
    demand(limit === (allowed === Infinity ? false : allowed), `the limit of ${user} is said to be ${limit}`);
    const closingBeyondBound = Math.max(0, closing - Math.max(this.#maxClosing, override));
    demand(
      held === active + pending + closingBeyondBound,
      `${user}: held ${held} of ${active}, ${pending}, ${closing}`,
    );
  }
}
