import type { UserLimits } from '../user-limits.ts';
import type { StoreCalls } from './store-calls.ts';
import type { LeaseOwner, LeaseStore, StoredOverride } from './types.ts';

/** Written at once; whoever sets thousands is to be done soon, and others are to have their turn. */
const WRITTEN_AT_ONCE = 100;

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
  #writing: Promise<void> | undefined;
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

  /** Writes what is not written yet, each once, whoever asks for it meanwhile. Rejects when the store is away. */
  write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
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
  async #writeAll(): Promise<void> {
    while (this.#unwritten.size > 0) {
      const some = [...this.#unwritten].slice(0, WRITTEN_AT_ONCE);
      const outcomes = await Promise.allSettled(some.map(([user, maxManagers]) => this.#writeOne(user, maxManagers)));
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    }
  }

  async #writeOne(user: string, maxManagers: number | null): Promise<void> {
    const { calls, store } = this.#owner;
    await calls.call(() => store.setOverride(this.#owner.ownerOf(user), maxManagers));
    // One that was changed meanwhile is to be written anew.
    if (this.#unwritten.get(user) === maxManagers) this.#unwritten.delete(user);
  }
}
