import type { EventEmitter } from 'node:events';

import type { Timer } from './clock.ts';
import { type FinalizerContext, LazyFinalizerContext } from './finalizer-context.ts';
import type { FinalizerReport } from './finalizer-report.ts';
import type { Host } from './host.ts';
import { NO_SITE, type Site } from './registration-site.ts';
import { removeOwnListener } from './remove-own-listener.ts';
import type { Emitter, Finalizer, Registration } from './scope.ts';
import { isThenable } from './thenable.ts';

type NodeEmitter = Pick<EventEmitter, 'on' | 'off'>;

/** Where owned resources hang: an ordered list that forgets in O(1), so that short-lived resources of a long-lived manager leave nothing. */
export interface OwnedList {
  readonly user: string;
  /** The last one acquired; `undefined` when it owns nothing. */
  tail: Owned | undefined;
  /** Set when the end was issued: nothing is added any more. */
  ended: boolean;
  /** Reports what a disposal failed with that nobody waits for. */
  failed(error: unknown, name: string): void;
  /** The run of those around it disposes of it, and resolves `done` with its report. */
  enteredBy?(done: Promise<FinalizerReport>): void;
}

/** A node of an {@link OwnedList}. */
export abstract class Owned implements Registration {
  /** `undefined` once it is taken out. */
  #list: OwnedList | undefined;
  before: Owned | undefined;
  after: Owned | undefined = undefined;

  constructor(list: OwnedList) {
    this.#list = list;
    this.before = list.tail;
    if (list.tail !== undefined) list.tail.after = this;
    list.tail = this;
  }

  abstract get name(): string;
  abstract release(context: FinalizerContext): unknown;

  /** Where it was registered. */
  get site(): Site {
    return NO_SITE;
  }

  /** The list of a scope within the scope. */
  get nested(): OwnedList | undefined {
    return undefined;
  }

  /** What became of its own resources, once its release is done. */
  get report(): FinalizerReport | undefined {
    return undefined;
  }

  /** Takes it out of its list; answers whether it was in it. */
  unlink(): boolean {
    const list = this.#list;
    if (list === undefined) return false;
    this.#list = undefined;
    if (this.after === undefined) list.tail = this.before;
    else this.after.before = this.before;
    if (this.before !== undefined) this.before.after = this.after;
    this.before = undefined;
    this.after = undefined;
    return true;
  }

  dispose(): unknown {
    return this.unlink() ? this.release(new LazyFinalizerContext('disposed')) : undefined;
  }

  /** For `using`, which throws away what is answered: nobody else could see it fail. */
  [Symbol.dispose](): void {
    const list = this.#list;
    const result = this.dispose();
    if (isThenable(result)) result.then(undefined, (error: unknown) => list?.failed(error, this.name));
  }
}

export class OwnedFinalizer extends Owned {
  readonly #site: Site;
  readonly #finalizer: Finalizer;
  readonly #name: string | undefined;

  constructor(list: OwnedList, site: Site, finalizer: Finalizer, name: string | undefined) {
    super(list);
    this.#site = site;
    this.#finalizer = finalizer;
    this.#name = name;
  }

  override get site(): Site {
    return this.#site;
  }

  override get name(): string {
    return this.#name ?? (this.#finalizer.name || 'finalizer');
  }

  override release(context: FinalizerContext): unknown {
    return this.#finalizer(context);
  }
}

export class OwnedDisposable extends Owned {
  readonly #site: Site;
  readonly #resource: Disposable | AsyncDisposable;

  constructor(list: OwnedList, site: Site, resource: Disposable | AsyncDisposable) {
    super(list);
    this.#site = site;
    this.#resource = resource;
  }

  override get site(): Site {
    return this.#site;
  }

  override get name(): string {
    try {
      // A resource without a prototype has no constructor.
      const { constructor } = this.#resource as { readonly constructor?: { readonly name?: unknown } };
      return typeof constructor?.name === 'string' && constructor.name !== '' ? constructor.name : 'disposable';
    } catch {
      return 'disposable';
    }
  }

  override release(): unknown {
    return disposeOf(this.#resource);
  }
}

/** Asynchronous disposal wins where a resource has both, as `await using` would choose. */
export function disposeOf(resource: Disposable | AsyncDisposable): unknown {
  return hasMethod(resource, Symbol.asyncDispose) ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose]();
}

export function isDisposable(given: unknown): given is Disposable | AsyncDisposable {
  return hasMethod(given, Symbol.asyncDispose) || hasMethod(given, Symbol.dispose);
}

export function isEmitter(given: unknown): given is Emitter {
  return isNodeEmitter(given) || (hasMethod(given, 'addEventListener') && hasMethod(given, 'removeEventListener'));
}

function isNodeEmitter(given: unknown): given is NodeEmitter {
  return hasMethod(given, 'on') && hasMethod(given, 'off');
}

function hasMethod<Key extends PropertyKey>(given: unknown, key: Key): given is Record<Key, () => unknown> {
  if ((typeof given !== 'object' && typeof given !== 'function') || given === null) return false;
  return key in given && typeof (given as Record<Key, unknown>)[key] === 'function';
}

export class OwnedListener extends Owned {
  readonly #emitter: Emitter;
  readonly #event: string | symbol;
  readonly #listener: (...args: never[]) => unknown;

  constructor(list: OwnedList, emitter: Emitter, event: string | symbol, listener: (...args: never[]) => unknown) {
    super(list);
    this.#emitter = emitter;
    this.#event = event;
    // An EventTarget takes the same function once, whoever adds it: it gets one that is ours alone.
    this.#listener = isNodeEmitter(emitter) ? listener : listener.bind(emitter);
    try {
      if (isNodeEmitter(emitter)) emitter.on(event, this.#listener as (...args: unknown[]) => void);
      else emitter.addEventListener(String(event), this.#listener as (event: Event) => void);
    } catch (error) {
      this.unlink();
      throw error;
    }
  }

  override get name(): string {
    return `listener '${String(this.#event)}'`;
  }

  override release(): void {
    const emitter = this.#emitter;
    if (isNodeEmitter(emitter)) removeOwnListener(emitter, this.#event, this.#listener as (...args: unknown[]) => void);
    else emitter.removeEventListener(String(this.#event), this.#listener as (event: Event) => void);
  }
}

export class OwnedTimer extends Owned {
  readonly #host: Host;
  readonly #timer: Timer;

  constructor(list: OwnedList, host: Host, start: (owned: OwnedTimer) => Timer) {
    super(list);
    this.#host = host;
    this.#timer = start(this);
  }

  override get name(): string {
    return 'timer';
  }

  override release(): void {
    this.#host.clock.clear(this.#timer);
  }
}
