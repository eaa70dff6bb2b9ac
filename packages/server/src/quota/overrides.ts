import type { UserLimits } from '../user-limits.ts';
import type { StoreCalls } from './store-calls.ts';
import type { LeaseOwner, LeaseStore, StoredOverride } from './types.ts';

interface OverridesOwner {
  readonly store: LeaseStore;
  readonly calls: StoreCalls;
  ownerOf(user: string): LeaseOwner;
  forgetRefusals(user?: string): void;
}

/** Limits of single users, the same on all nodes: written through to the store, and read from it when they have changed. */
export class Overrides {
  readonly #limits: UserLimits;
  readonly #owner: OverridesOwner;
  /** Set here, and not known to the store yet. */
  readonly #unwritten = new Map<string, number | null>();
  version = -1;

  constructor(limits: UserLimits, owner: OverridesOwner) {
    this.#limits = limits;
    this.#owner = owner;
  }

  /** It holds here at once, and everywhere when the store knows it. */
  set(user: string, maxManagers: number | null): void {
    this.#unwritten.set(user, maxManagers);
    this.#owner.forgetRefusals(user);
    void this.write().catch(() => undefined);
  }

  /** Writes what is not written yet. Rejects when the store is away. */
  async write(): Promise<void> {
    const { calls, store } = this.#owner;
    for (const [user, maxManagers] of this.#unwritten) {
      await calls.call(() => store.setOverride(this.#owner.ownerOf(user), maxManagers));
      if (this.#unwritten.get(user) === maxManagers) this.#unwritten.delete(user);
    }
  }

  read(overrides: readonly StoredOverride[], version: number): void {
    const stored = new Map<string, number>();
    for (const { user, maxManagers } of overrides) if (maxManagers !== null) stored.set(user, maxManagers);
    for (const [user, maxManagers] of this.#unwritten) {
      if (maxManagers === null) stored.delete(user);
      else stored.set(user, maxManagers);
    }
    this.#limits.replace(stored);
    this.#owner.forgetRefusals();
    this.version = version;
  }
}
