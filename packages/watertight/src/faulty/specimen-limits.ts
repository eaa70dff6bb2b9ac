import type { UserOverride } from '@watertight/server';

/** How many managers each user may hold. */
export class SpecimenLimits {
  readonly overrides: Map<string, number> = new Map();
  readonly #usual: number;

  constructor(usual: number) {
    this.#usual = usual;
  }

  of(user: string): number {
    return this.overrides.get(user) ?? this.#usual;
  }

  list(): readonly UserOverride[] {
    return [...this.overrides].map(([user, maxManagers]) => ({ user, maxManagers }));
  }

  count(): { readonly count: number; readonly banned: number } {
    return { count: this.overrides.size, banned: this.list().filter(({ maxManagers }) => maxManagers === 0).length };
  }
}
