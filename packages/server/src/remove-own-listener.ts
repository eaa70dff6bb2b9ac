import type { EventEmitter } from 'node:events';

type Listener = (...args: unknown[]) => void;

/** What an emitter has at least; those of Node have the rest. */
interface SomeEmitter extends Pick<EventEmitter, 'on' | 'off'> {
  listenerCount?(event: string | symbol, listener: Listener): number;
  rawListeners?(event: string | symbol): readonly unknown[];
}

/**
 * Takes out a listener that was added by `on`. An emitter takes out the last one that fits, and a wrapper of `once` fits as well as what it
 * wraps: those that somebody else added behind ours step aside. (A function of our own for each listener would do too, at 48 bytes each.)
 */
export function removeOwnListener(emitter: SomeEmitter, event: string | symbol, listener: Listener): void {
  const isAlone = (emitter.listenerCount?.(event, listener) ?? 1) <= 1;
  const wrappers = isAlone ? [] : wrappersBehind(emitter, event, listener);
  for (const wrapper of wrappers) emitter.off(event, wrapper);
  emitter.off(event, listener);
  for (const wrapper of wrappers) emitter.on(event, wrapper);
}

function wrappersBehind(emitter: SomeEmitter, event: string | symbol, listener: Listener): readonly Listener[] {
  const raw = emitter.rawListeners?.(event) ?? [];
  const isWrapper = (one: unknown): one is Listener =>
    typeof one === 'function' && 'listener' in one && one.listener === listener;
  return raw.slice(raw.lastIndexOf(listener) + 1).filter((one) => isWrapper(one));
}
