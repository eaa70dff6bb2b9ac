import type { Naming, Visitor } from './types.ts';

/** What Node itself asks about a promise when it prints one: state and result; nothing for what is no promise. */
export type PromiseDetails = (promise: object) => readonly unknown[] | undefined;

export interface Promises extends Visitor<number | null> {
  readWith(details: PromiseDetails): void;
}

/** Promises that are neither fulfilled nor rejected. Their state is asked of the engine: nothing of the promise is read or called. */
export function makePromises(naming: Naming): Promises {
  const PENDING = 0;
  let details: PromiseDetails | undefined;
  let pending = 0;

  const visit = (promise: object): void => {
    if (details?.(promise)?.[0] === PENDING) pending += 1;
  };

  return {
    readWith: (given) => {
      details = given;
    },
    begin: () => {
      pending = 0;
    },
    visitsTo: (prototype) =>
      details !== undefined && naming.lineageOf(prototype).includes('Promise') ? visit : undefined,
    end: () => (details === undefined ? null : pending),
  };
}
