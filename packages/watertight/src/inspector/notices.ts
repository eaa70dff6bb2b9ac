import type { InspectorListener } from './channel.ts';

/** Who listens to which notices of a target, or of one of its worker threads. */
export class Notices {
  readonly #listeners = new Map<string, Set<InspectorListener>>();

  /** What is returned ends the listening. */
  on(method: string, listener: InspectorListener): () => void {
    const listeners = this.#listeners.get(method) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(method, listeners);
    return () => {
      listeners.delete(listener);
    };
  }

  tell(method: string, params: Readonly<Record<string, unknown>> = {}): void {
    for (const listener of this.#listeners.get(method) ?? []) listener(params);
  }
}
