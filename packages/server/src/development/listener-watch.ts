import { EventEmitter } from 'node:events';

import { captureStack, directPlaceIn } from '../caller-place.ts';
import { currentLife, type Life } from './life-context.ts';

/** A listener that code of a manager added by itself. */
export interface WatchedListener {
  readonly place: string;
  readonly event: string;
  /** Called when it was removed. */
  onGone: (() => void) | undefined;
  /** Called when somebody else comes to listen where nobody else did. */
  onShared: (() => void) | undefined;
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

/** Stands for a manager where something long-lived remembers who listens: the manager itself would live as long. */
const tokens = new WeakMap<Life, object>();
/** Who else listens: an emitter is shared when more than one manager does, or somebody outside. */
const listensTo = new WeakMap<object, object>();
const shared = new WeakSet();
/** Made while this watches. Any other emitter was there before all managers that come now, and is there after them. */
const born = new WeakSet();
/** A runtime may make emitters without saying so. */
let seesBirths = false;
const ofLife = new WeakMap<Life, Set<Added>>();
const byEmitter = new WeakMap<object, Set<Added>>();
let restore: (() => void)[] = [];

function added(emitter: object, key: unknown, listener: unknown): void {
  const life = currentLife();
  const who = life === undefined ? OUTSIDE : tokenOf(life);
  const others = listensTo.get(emitter);
  if (others === undefined) listensTo.set(emitter, who);
  // Whoever listened before the watch began is not known, but somebody did.
  const isKnownToOthers = others === undefined ? hasListeners(emitter) : others !== who;
  if (isKnownToOthers || life === undefined || wasThereBefore(emitter)) share(emitter);
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
    onShared: undefined,
  };
  ofLife.set(life, (ofLife.get(life) ?? new Set()).add(entry));
  byEmitter.set(emitter, (byEmitter.get(emitter) ?? new Set()).add(entry));
}

function tokenOf(life: Life): object {
  const token = tokens.get(life) ?? {};
  tokens.set(life, token);
  return token;
}

/** Of an `EventTarget` it is not known when it was made. */
function wasThereBefore(emitter: object): boolean {
  return seesBirths && emitter instanceof EventEmitter && !born.has(emitter);
}

function share(emitter: object): void {
  if (shared.has(emitter)) return;
  shared.add(emitter);
  for (const entry of byEmitter.get(emitter) ?? []) entry.onShared?.();
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

/** What others have put around ours meanwhile stays when this no longer watches: ours leads to the original then. */
function patch(target: object, name: string, around: (original: Method) => Method): void {
  const patched = target as Patched;
  const original = patched[name];
  if (original === undefined) return;
  let method = around(original);
  const ours: Method = function ours(...args) {
    return method.apply(this, args);
  };
  patched[name] = ours;
  restore.push(() => {
    method = original;
    if (patched[name] === ours) patched[name] = original;
  });
}

/** Whether a removal that was told of these may have meant it: of `once` a listener is what it wraps. */
function mayBe({ key, listener }: Added, [ofKey, what]: readonly unknown[]): boolean {
  if (ofKey !== undefined && key !== ofKey) return false;
  const one = listener.deref();
  return what === undefined || one === undefined || one === what || ('listener' in one && one.listener === what);
}

function goesByItself(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false;
  return ('once' in options && Boolean(options.once)) || ('signal' in options && options.signal !== undefined);
}

export function watchListeners(): void {
  // Every constructor of an emitter calls it.
  patch(
    EventEmitter,
    'init',
    (original) =>
      function init(...args) {
        born.add(this);
        return original.apply(this, args);
      },
  );
  seesBirths = born.has(new EventEmitter());
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
          // Whoever takes thousands of listeners off one emitter takes them off one by one.
          removed(this, (entry) => mayBe(entry, args) && !isListening(entry));
          return result;
        },
    );
  }
  patch(
    EventTarget.prototype,
    'addEventListener',
    (original) =>
      function add(...args) {
        if (!goesByItself(args[2])) added(this, args[0], args[1]);
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

/** Tells those that are still there on something that outlives the manager, now or once somebody else listens to it. */
export function tellListenersOf(life: Life, tell: (listener: WatchedListener) => void): void {
  for (const entry of ofLife.get(life) ?? []) {
    const tellIfThere = (): void => {
      if (isLeft(entry)) tell(entry);
    };
    const emitter = entry.emitter.deref();
    if (emitter !== undefined && shared.has(emitter)) tellIfThere();
    else entry.onShared = tellIfThere;
  }
}

function isLeft(entry: Added): boolean {
  const emitter = entry.emitter.deref();
  if (emitter === undefined || isOver(emitter)) return false;
  return byEmitter.get(emitter)?.has(entry) === true && isListening(entry);
}
