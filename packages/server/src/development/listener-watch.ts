import { EventEmitter } from 'node:events';

import { captureStack, directPlaceIn } from '../caller-place.ts';
import { currentLife, type Life } from './life-context.ts';

/** A listener that code of a manager added by itself. */
export interface WatchedListener {
  readonly place: string;
  readonly event: string;
  /** Called when it was removed. */
  onGone: (() => void) | undefined;
}

interface Added extends WatchedListener {
  readonly emitter: WeakRef<object>;
  readonly key: unknown;
  readonly listener: WeakRef<object>;
}

type Method = (this: object, ...args: unknown[]) => unknown;
type Patched = Record<string, Method>;

const ADDS = ['on', 'addListener', 'prependListener'] as const;
const REMOVES = ['off', 'removeListener', 'removeAllListeners'] as const;
const EVENT_MODULES = ['node:events', 'node:stream', 'node:internal/streams/readable', 'node:internal/event_target'];

/** Of a WebSocket, and of whatever else counts its states like one. */
const CLOSING = 2;

/** Nobody's: code outside of every manager listens too. */
const OUTSIDE = {};

/** Who else listens: an emitter is shared when more than one manager does, or somebody outside. */
const listensTo = new WeakMap<object, object>();
const shared = new WeakSet();
const ofLife = new WeakMap<Life, Set<Added>>();
const byEmitter = new WeakMap<object, Set<Added>>();
let restore: (() => void)[] = [];

function added(emitter: object, key: unknown, listener: unknown): void {
  const life = currentLife();
  const others = listensTo.get(emitter);
  if (others === undefined) listensTo.set(emitter, life ?? OUTSIDE);
  // Whoever listened before the watch began is not known, but somebody did.
  const isKnownToOthers = others === undefined ? hasListeners(emitter) : others !== life;
  if (isKnownToOthers || life === undefined) shared.add(emitter);
  if (life === undefined || (typeof listener !== 'function' && typeof listener !== 'object') || listener === null)
    return;
  const place = directPlaceIn(captureStack(), EVENT_MODULES);
  if (place === undefined) return;
  const entry: Added = {
    place,
    event: String(key),
    key,
    emitter: new WeakRef(emitter),
    listener: new WeakRef(listener),
    onGone: undefined,
  };
  ofLife.set(life, (ofLife.get(life) ?? new Set()).add(entry));
  byEmitter.set(emitter, (byEmitter.get(emitter) ?? new Set()).add(entry));
}

function hasListeners(emitter: object): boolean {
  return emitter instanceof EventEmitter && emitter.eventNames().length > 0;
}

function removed(emitter: object, isGone: (entry: Added) => boolean): void {
  const entries = byEmitter.get(emitter);
  for (const entry of entries ?? []) {
    if (!isGone(entry)) continue;
    entries?.delete(entry);
    entry.onGone?.();
  }
}

/** Of an `EventEmitter` it can be asked; a once that fired is gone too. */
function isListening({ emitter, key, listener }: Added): boolean {
  const at = emitter.deref();
  const what = listener.deref();
  if (at === undefined || what === undefined) return false;
  if (!(at instanceof EventEmitter)) return byEmitter.get(at) !== undefined;
  return at.rawListeners(key as string).some((one) => one === what);
}

/** A socket or stream that has ended takes its listeners with it. */
function isOver(emitter: object): boolean {
  if ('destroyed' in emitter && emitter.destroyed === true) return true;
  if ('readyState' in emitter && typeof emitter.readyState === 'number' && emitter.readyState >= CLOSING) return true;
  if (!('socket' in emitter) || typeof emitter.socket !== 'object' || emitter.socket === null) return false;
  return 'destroyed' in emitter.socket && emitter.socket.destroyed === true;
}

function patch(target: object, name: string, around: (original: Method) => Method): void {
  const patched = target as Patched;
  const original = patched[name];
  if (original === undefined) return;
  patched[name] = around(original);
  restore.push(() => {
    patched[name] = original;
  });
}

export function watchListeners(): void {
  for (const name of ADDS) {
    patch(
      EventEmitter.prototype,
      name,
      (original) =>
        function add(...args) {
          added(this, args[0], args[1]);
          return original.apply(this, args);
        },
    );
  }
  for (const name of REMOVES) {
    patch(
      EventEmitter.prototype,
      name,
      (original) =>
        function remove(...args) {
          const result = original.apply(this, args);
          removed(this, (entry) => !isListening(entry));
          return result;
        },
    );
  }
  patch(
    EventTarget.prototype,
    'addEventListener',
    (original) =>
      function add(...args) {
        const [, , options] = args;
        // These go by themselves.
        const goes = typeof options === 'object' && options !== null && ('once' in options || 'signal' in options);
        if (!goes) added(this, args[0], args[1]);
        return original.apply(this, args);
      },
  );
  patch(
    EventTarget.prototype,
    'removeEventListener',
    (original) =>
      function remove(...args) {
        removed(this, ({ key, listener }) => key === args[0] && listener.deref() === args[1]);
        return original.apply(this, args);
      },
  );
}

export function stopWatchingListeners(): void {
  for (const put of restore.splice(0)) put();
  restore = [];
}

/** Those that are still there, on something that outlives the manager. */
export function listenersOf(life: Life): readonly WatchedListener[] {
  return [...(ofLife.get(life) ?? [])].filter((entry) => {
    const emitter = entry.emitter.deref();
    if (emitter === undefined || !shared.has(emitter) || isOver(emitter)) return false;
    return byEmitter.get(emitter)?.has(entry) === true && isListening(entry);
  });
}
