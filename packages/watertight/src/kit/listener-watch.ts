import type { EventEmitter } from 'node:events';
import type { Leftover } from './leftover.ts';
import { tapListeners } from './listener-tap.ts';
import { noteMaker, type Maker } from './made-at.ts';

type Event = string | symbol;

interface Added {
  readonly emitter: EventEmitter;
  readonly event: Event;
  readonly listener: unknown;
  readonly maker: () => Maker;
}

/** Those that were removed since are forgotten when there are so many, and then when there are twice as many as were left. */
const FEWEST_PRUNED = 64;

/** Listeners that a test added to `process`, to a named emitter, or to one that somebody listened to before the test, and did not remove. */
export class ListenerWatch implements Disposable {
  readonly #named: ReadonlyMap<EventEmitter, string>;
  /** In which test an emitter was first listened to. Nothing here keeps one alive: what is examined in this process would seem to leak. */
  #since = new WeakMap<EventEmitter, number>();
  #tests = 0;
  #added: Added[] = [];
  #prunedAt = FEWEST_PRUNED;
  #before = new Map<EventEmitter, ReadonlySet<unknown>>();
  #isOn = false;
  readonly #restore: () => void;

  constructor(named: Readonly<Record<string, EventEmitter>>) {
    this.#named = new Map(Object.entries(named).map(([name, emitter]) => [emitter, name]));
    for (const emitter of this.#named.keys()) this.#since.set(emitter, this.#tests);
    this.#restore = tapListeners((emitter, event, listener) => this.#note(emitter, event, listener));
  }

  begin(): void {
    this.#tests += 1;
    this.#added = [];
    this.#prunedAt = FEWEST_PRUNED;
    this.#before = new Map(
      [...this.#named.keys()].map((emitter) => [emitter, new Set(allOf(emitter).map(({ listener }) => listener))]),
    );
    this.#isOn = true;
  }

  stop(): void {
    this.#isOn = false;
  }

  left(): readonly Leftover[] {
    const seen = this.#added.filter(
      ({ emitter, event, listener, maker }) => has(emitter, event, listener) && this.#counts(emitter, maker().by),
    );
    // An emitter with methods of its own adds listeners that nobody saw coming.
    const unseen = [...this.#named.keys()].flatMap((emitter) =>
      allOf(emitter)
        .filter(({ listener }) => this.#before.get(emitter)?.has(listener) === false)
        .filter(
          ({ event, listener }) =>
            !seen.some((it) => it.event === event && (it.listener === listener || unwrapped(listener) === it.listener)),
        )
        .map(({ event, listener }): Added => ({ emitter, event, listener, maker: () => ({ by: 'node' }) })),
    );
    return [...seen, ...unseen].map(({ emitter, event, maker: makerOf }) => {
      const maker = makerOf();
      const what = `listener for ${typeof event === 'symbol' ? String(event) : JSON.stringify(event)} on ${this.#nameOf(emitter)}`;
      return { kind: 'listener', what, at: maker.by === 'code' ? maker.at : null };
    });
  }

  [Symbol.dispose](): void {
    this.#restore();
    this.#since = new WeakMap();
    this.#added = [];
    this.#before.clear();
  }

  #note(emitter: EventEmitter, event: Event, listener: unknown): void {
    const since = this.#since.get(emitter);
    if (since === undefined) this.#since.set(emitter, this.#tests);
    else if (since < this.#tests && this.#isOn) this.#add({ emitter, event, listener, maker: noteMaker() });
  }

  #add(added: Added): void {
    this.#added.push(added);
    if (this.#added.length < this.#prunedAt) return;
    this.#added = this.#added.filter(({ emitter, event, listener }) => has(emitter, event, listener));
    this.#prunedAt = Math.max(FEWEST_PRUNED, 2 * this.#added.length);
  }

  /**
   * Node adds listeners of its own while a test runs, to what somebody else has joined before: a pipe waits for `drain` once its
   * destination is full, such as the one in which a test runner reports.
   */
  #counts(emitter: EventEmitter, by: Maker['by']): boolean {
    return by === 'code' || (by === 'node' && this.#named.has(emitter));
  }

  #nameOf(emitter: EventEmitter): string {
    return this.#named.get(emitter) ?? `a ${emitter.constructor.name} that was there before`;
  }
}

function allOf(emitter: EventEmitter): readonly { readonly event: Event; readonly listener: unknown }[] {
  return emitter.eventNames().flatMap((event) => emitter.rawListeners(event).map((listener) => ({ event, listener })));
}

function has(emitter: EventEmitter, event: Event, listener: unknown): boolean {
  return emitter.rawListeners(event).some((raw: unknown) => raw === listener || unwrapped(raw) === listener);
}

/** Those that listen once are wrapped. */
function unwrapped(raw: unknown): unknown {
  return typeof raw === 'function' && 'listener' in raw ? raw.listener : undefined;
}
