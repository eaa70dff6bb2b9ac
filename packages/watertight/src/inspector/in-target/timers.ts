import type { Host, Naming, TimerRow, Visitor } from './types.ts';

export interface Timers extends Visitor<readonly TimerRow[]> {
  /** A callback with the source text of this number that lives. */
  callbackOf(site: number): unknown;
}

/** Timers that are armed, also those that do not keep the process alive, by what they call. */
export function makeTimers({ isProxy }: Host, naming: Naming, ownFunctions: string): Timers {
  const { apply } = Reflect;
  const { getOwnPropertySymbols, getOwnPropertyDescriptor } = Object;
  const textOf = getOwnPropertyDescriptor(Function.prototype, 'toString')?.value as () => string;
  const MAX_ROWS = 500;
  const sites = new Map<string, number>();
  const callbacks = new Map<number, WeakRef<object>>();
  let rows = new Map<string, { readonly row: TimerRow; count: number }>();

  const nameOf = (callback: object): string => {
    const name = naming.ownValue(callback, 'name');
    return typeof name === 'string' && name !== '' ? name.slice(0, 200) : '(anonymous)';
  };

  const siteOf = (callback: object): number => {
    const text = apply<unknown, [], string>(textOf, callback, []);
    const site = sites.get(text) ?? sites.size;
    sites.set(text, site);
    callbacks.set(site, new WeakRef(callback));
    return site;
  };

  const isReferenced = (timer: object): boolean => {
    const symbol = getOwnPropertySymbols(timer).find(({ description }) => description === 'refed');
    return symbol === undefined || naming.ownValue(timer, symbol) === true;
  };

  const note = (callback: unknown, row: Omit<TimerRow, 'callback' | 'site' | 'count'>): void => {
    if (typeof callback !== 'function' || isProxy(callback)) return;
    const name = nameOf(callback);
    if (name.startsWith(ownFunctions)) return;
    const site = siteOf(callback);
    const key = `${site} ${name} ${row.immediate} ${row.delayMs} ${row.repeats} ${row.referenced}`;
    const known = rows.get(key) ?? { row: { ...row, callback: name, site, count: 0 }, count: 0 };
    known.count += 1;
    rows.set(key, known);
  };

  const visitTimeout = (timer: object): void => {
    const delayMs = naming.ownValue(timer, '_idleTimeout');
    if (naming.ownValue(timer, '_destroyed') !== false || typeof delayMs !== 'number' || delayMs < 0) return;
    const repeats = typeof naming.ownValue(timer, '_repeat') === 'number';
    note(naming.ownValue(timer, '_onTimeout'), {
      immediate: false,
      delayMs,
      repeats,
      referenced: isReferenced(timer),
    });
  };

  const visitImmediate = (immediate: object): void => {
    if (naming.ownValue(immediate, '_destroyed') !== false) return;
    note(naming.ownValue(immediate, '_onImmediate'), {
      immediate: true,
      delayMs: 0,
      repeats: false,
      referenced: isReferenced(immediate),
    });
  };

  return {
    begin: () => {
      rows = new Map();
    },
    visitsTo: (prototype) => {
      const [name] = naming.lineageOf(prototype);
      if (name === 'Timeout') return visitTimeout;
      return name === 'Immediate' ? visitImmediate : undefined;
    },
    end: () =>
      [...rows.values()]
        .map(({ row, count }) => ({ ...row, count }))
        .toSorted((one, two) => two.count - one.count)
        .slice(0, MAX_ROWS),
    callbackOf: (site) => callbacks.get(site)?.deref(),
  };
}
