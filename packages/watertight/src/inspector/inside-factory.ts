import type { FactoryStats, ReleaseReport, ResolvedOptions, UserUsage } from '@watertight/server';
import { evaluate } from './evaluate.ts';
import type { InspectorSession } from './session.ts';
import type { InsideFactory } from './types.ts';

/** The first open factory of the process, or the first of that name; found anew for every call, so that nothing here keeps it alive. */
function finder(name: string | undefined): string {
  return `(() => {
    const known = globalThis[Symbol.for('watertight.factories')];
    if (known?.version !== 1) return undefined;
    const name = ${JSON.stringify(name ?? null)};
    return known.list().find((factory) => factory.stats().state === 'open' && (name === null || factory.name === name));
  })()`;
}

/** Answers `undefined` when the target has no factory that is open, or none of that name. */
export async function findFactory(session: InspectorSession, name?: string): Promise<InsideFactory | undefined> {
  const find = finder(name);
  const options = await evaluate<ResolvedOptions | null>(session, `() => ${find}?.options`);
  return options === null ? undefined : new FactoryInside(session, options, find);
}

class FactoryInside implements InsideFactory {
  readonly options: ResolvedOptions;
  readonly #session: InspectorSession;
  readonly #find: string;

  constructor(session: InspectorSession, options: ResolvedOptions, find: string) {
    this.#session = session;
    this.#find = find;
    this.options = options;
  }

  stats(): Promise<FactoryStats> {
    return this.#ask(`(factory) => factory.stats()`);
  }

  usage(user: string): Promise<UserUsage> {
    return this.#ask(`(factory, user) => factory.usage(user)`, user);
  }

  runEmergencyCleanup(
    user?: string,
  ): Promise<{ readonly removed: number; readonly asked: number; readonly answered: number }> {
    const source = `async (factory, user) => {
      const { removed, asked, answered } = await factory.runEmergencyCleanup(user ?? undefined);
      return { removed: Object.values(removed).reduce((sum, count) => sum + count, 0), asked, answered };
    }`;
    return this.#ask(source, user ?? null);
  }

  closeAllForUser(user: string, reason?: string): Promise<readonly ReleaseReport[]> {
    return this.#ask(
      `(factory, user, reason) => factory.closeAllForUser(user, reason ?? undefined)`,
      user,
      reason ?? null,
    );
  }

  async startCloseAllForUser(user: string, reason?: string): Promise<void> {
    const source = `(factory, user, reason) => {
      Promise.resolve(factory.closeAllForUser(user, reason ?? undefined)).catch(() => {});
    }`;
    await this.#ask(source, user, reason ?? null);
  }

  hangFinalizer(user: string): Promise<string> {
    const source = `(factory, user) => {
      const [manager] = factory.managersOf(user);
      if (manager === undefined) throw new Error('user ' + user + ' holds no manager');
      manager.defer(() => new Promise(() => {}));
      return manager.id;
    }`;
    return this.#ask(source, user);
  }

  admitUnattached(user: string): Promise<{ readonly id: string } | { readonly refused: string }> {
    const source = `async (factory, user) => {
      const admission = await factory.admit({ user });
      return admission.admitted ? { id: admission.manager.id } : { refused: admission.reason };
    }`;
    return this.#ask(source, user);
  }

  #ask<Result>(source: string, ...args: readonly unknown[]): Promise<Result> {
    const found = `(...args) => {
      const factory = ${this.#find};
      if (factory === undefined) throw new Error('the target has no open factory any more');
      return (${source})(factory, ...args);
    }`;
    return evaluate<Result>(this.#session, found, args);
  }
}
