import { EventEmitter } from 'node:events';

type Event = string | symbol;

/** Is told of every listener that is added to any emitter, once it is there. */
export type ListenerAdded = (emitter: EventEmitter, event: Event, listener: unknown) => void;

const ADDING = ['on', 'addListener', 'prependListener'] as const;

/**
 * Whoever wants to know. Guards of suites beside each other begin together and end one by one: had each put its own methods into the
 * emitters, the first to end would have taken those of the others away, and the last would have put those of the first back.
 */
const told = new Set<ListenerAdded>();
let takeOut: (() => void) | undefined;

/** Until the answer is called. Every way to add a listener passes one of three methods. */
export function tapListeners(added: ListenerAdded): () => void {
  takeOut ??= putIn();
  told.add(added);
  return () => {
    told.delete(added);
    if (told.size > 0) return;
    takeOut?.();
    takeOut = undefined;
  };
}

/** Answers how the methods are put back. */
function putIn(): () => void {
  const { prototype } = EventEmitter;
  const before = ADDING.map((method) => [method, prototype[method]] as const);
  for (const [method, original] of before) {
    prototype[method] = function watched(this: EventEmitter, event: Event, listener: (...args: unknown[]) => void) {
      const answer = original.call(this, event, listener);
      for (const added of told) added(this, event, listener);
      return answer;
    };
  }
  return () => Object.assign(prototype, Object.fromEntries(before));
}
