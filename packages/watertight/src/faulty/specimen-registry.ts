import type { UserUsage } from '@watertight/server';
import type { SpecimenManager } from './specimen-manager.ts';

/** Who is there: user → id → manager, and the closing ones beside it. Every count is the size of something. */
export class SpecimenRegistry {
  readonly users: Map<string, Map<string, SpecimenManager>> = new Map();
  readonly closing: Map<string, Set<SpecimenManager>> = new Map();
  readonly #maxClosingPerUser: number;

  constructor(maxClosingPerUser: number) {
    this.#maxClosingPerUser = maxClosingPerUser;
  }

  of(user: string): readonly SpecimenManager[] {
    return [...(this.users.get(user)?.values() ?? [])];
  }

  all(): readonly SpecimenManager[] {
    return [...this.users.values()].flatMap((managers) => [...managers.values()]);
  }

  held(user: string): number {
    const closing = this.closing.get(user)?.size ?? 0;
    return (this.users.get(user)?.size ?? 0) + Math.max(0, closing - this.#maxClosingPerUser);
  }

  insert(manager: SpecimenManager): void {
    const managers = this.users.get(manager.user) ?? new Map<string, SpecimenManager>();
    if (managers.has(manager.id)) throw new Error(`manager ${manager.id} exists already`);
    managers.set(manager.id, manager);
    this.users.set(manager.user, managers);
  }

  /** Moves a manager to the closing ones; the slot is free from here on. */
  detach(manager: SpecimenManager): void {
    const managers = this.users.get(manager.user);
    if (managers?.delete(manager.id) === true && managers.size === 0) this.users.delete(manager.user);
    const closing = this.closing.get(manager.user) ?? new Set<SpecimenManager>();
    closing.add(manager);
    this.closing.set(manager.user, closing);
  }

  forget(manager: SpecimenManager): void {
    const closing = this.closing.get(manager.user);
    if (closing?.delete(manager) === true && closing.size === 0) this.closing.delete(manager.user);
  }

  usage(user: string): Omit<UserUsage, 'limit'> {
    const managers = this.of(user);
    const pending = managers.filter((manager) => manager.state === 'pending').length;
    const closing = this.closing.get(user)?.size ?? 0;
    return { user, held: this.held(user), pending, active: managers.length - pending, closing };
  }
}
