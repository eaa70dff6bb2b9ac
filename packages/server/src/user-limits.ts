import { userProblem } from './context.ts';
import { InvalidOptionsError, WatertightError } from './errors.ts';
import type { ResolvedOptions } from './options.ts';

/** What one user may hold, where it differs from `maxManagersPerUser`. */
export interface UserOverride {
  readonly user: string;
  /** Managers; 0: banned, `Infinity`: no limit. */
  readonly maxManagers: number;
}

/** How many managers each user may hold: what the options say, unless an override says otherwise. */
export class UserLimits {
  readonly #overrides = new Map<string, number>();
  readonly #maxManagers: number;
  readonly #maxClosing: number;
  readonly #maxOverrides: number;

  constructor({ maxManagersPerUser, maxClosingPerUser, maxOverrides }: ResolvedOptions) {
    this.#maxManagers = maxManagersPerUser === false ? Infinity : maxManagersPerUser;
    this.#maxClosing = maxClosingPerUser === false ? Infinity : maxClosingPerUser;
    this.#maxOverrides = maxOverrides;
  }

  get overrideCount(): number {
    return this.#overrides.size;
  }

  get bannedCount(): number {
    let count = 0;
    for (const maxManagers of this.#overrides.values()) if (maxManagers === 0) count += 1;
    return count;
  }

  hasOverride(user: string): boolean {
    return this.#overrides.has(user);
  }

  /** `Infinity`: no limit. */
  managersOf(user: string): number {
    return this.#overrides.size === 0 ? this.#maxManagers : (this.#overrides.get(user) ?? this.#maxManagers);
  }

  /** Managers that may be closing before they count as held again: no fewer than a user with a raised limit may hold. */
  closingOf(user: string): number {
    const override = this.#overrides.get(user);
    return override === undefined ? this.#maxClosing : Math.max(override, this.#maxClosing);
  }

  set(user: string, maxManagers: number): void {
    const problem = userProblem(user);
    if (problem !== undefined) throw new InvalidOptionsError([problem]);
    if (maxManagers !== Infinity && (!Number.isSafeInteger(maxManagers) || maxManagers < 0)) {
      throw new InvalidOptionsError([
        `maxManagers of an override must be a whole number from 0, or Infinity for no limit; got ${String(maxManagers)}`,
      ]);
    }
    if (!this.#overrides.has(user) && this.#overrides.size >= this.#maxOverrides) {
      throw new WatertightError(
        'WATERTIGHT_E_OVERRIDE_LIMIT',
        `there are ${this.#overrides.size} overrides, as many as maxOverrides allows; clear one first`,
      );
    }
    this.#overrides.set(user, maxManagers);
  }

  /** All of them at once, as the nodes that share the limits have agreed on them. */
  replace(overrides: ReadonlyMap<string, number>): void {
    this.#overrides.clear();
    for (const [user, maxManagers] of overrides) this.#overrides.set(user, maxManagers);
  }

  /** Answers whether there was one. */
  clear(user: string): boolean {
    return this.#overrides.delete(user);
  }

  list(): readonly UserOverride[] {
    return Object.freeze(
      [...this.#overrides].map(([user, maxManagers]): UserOverride => Object.freeze({ user, maxManagers })),
    );
  }
}
