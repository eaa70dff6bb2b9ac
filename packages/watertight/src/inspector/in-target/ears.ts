import type { Complaint } from '../../verdict/complaint.ts';

type Listener = (...args: never[]) => void;

/** The process, and the methods of emitters as Node made them. */
export interface EarsHost {
  readonly process: NodeJS.Process;
  readonly isProxy: (value: unknown) => boolean;
  readonly on: (this: NodeJS.Process, event: string, listener: Listener) => void;
  readonly removeListener: (this: NodeJS.Process, event: string, listener: Listener) => void;
  readonly listeners: (this: NodeJS.Process, event: string) => readonly Listener[];
  readonly listenerCount: (this: NodeJS.Process, event: string) => number;
  readonly getMaxListeners: (this: NodeJS.Process) => number;
}

export interface Ears {
  heard(): readonly Complaint[];
  close(): void;
}

/**
 * Hears warnings and exceptions. Neither listener is added where that could be noticed: by a listener for new listeners
 * beside Node's own, or by a warning that there are too many. What an error says is read without running a getter of it. A warning that
 * begins with `provokedWarning` is left out: somebody asked for it.
 */
export function makeEars(
  { process, isProxy, on, removeListener, listeners, listenerCount, getMaxListeners }: EarsHost,
  ownFunctions: string,
  provokedWarning: string,
): Ears {
  const MAX_ROWS = 50;
  const MAX_NAME_CHARACTERS = 100;
  const MAX_TEXT_CHARACTERS = 300;
  const { getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Object;
  const { apply } = Reflect;
  const rows: { is: Complaint['is']; name: string; count: number; firstText: string }[] = [];

  const isNodes = (listener: Listener): boolean =>
    /^function st(art|op)ListeningIfSignal|hasMultipleResolvesListener/.test(
      Function.prototype.toString.call(listener),
    );

  const isWatched = (event: string): boolean => {
    const all = apply(listeners, process, [event]);
    for (let index = 0; index < all.length; index += 1) {
      const listener = all[index];
      if (listener !== undefined && !isNodes(listener)) return true;
    }
    return false;
  };

  const textOf = (error: unknown, key: string): string => {
    for (let it = error; typeof it === 'object' && it !== null && !isProxy(it); it = getPrototypeOf(it) as unknown) {
      const found = getOwnPropertyDescriptor(it, key);
      if (found !== undefined) return typeof found.value === 'string' ? found.value : '';
    }
    return typeof error === 'string' && key === 'message' ? error : '';
  };

  const note = (is: Complaint['is'], error: unknown): void => {
    const name = textOf(error, 'name') || 'Error';
    const row = rows.find((one) => one.is === is && one.name === name);
    if (row !== undefined) row.count += 1;
    else if (rows.length < MAX_ROWS) {
      const firstText = textOf(error, 'message').slice(0, MAX_TEXT_CHARACTERS);
      rows.push({ is, name: name.slice(0, MAX_NAME_CHARACTERS), count: 1, firstText });
    }
  };

  const ear = (name: string, is: Complaint['is']): Listener => {
    const listener = (error: unknown): void => {
      if (is !== 'warning' || !textOf(error, 'message').startsWith(provokedWarning)) note(is, error);
    };
    return defineProperty(listener, 'name', { value: ownFunctions + name });
  };

  const isNoticed = isWatched('newListener') || isWatched('removeListener');
  const most = apply(getMaxListeners, process, []);
  const ears = [
    { event: 'warning', listener: ear('Warning', 'warning') },
    { event: 'uncaughtExceptionMonitor', listener: ear('Exception', 'uncaught exception') },
  ].filter(({ event }) => !isNoticed && (most === 0 || apply(listenerCount, process, [event]) < most));
  for (const { event, listener } of ears) apply(on, process, [event, listener]);

  return {
    heard: () => rows,
    close: () => {
      for (const { event, listener } of ears) apply(removeListener, process, [event, listener]);
    },
  };
}
