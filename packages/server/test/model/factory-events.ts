import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { EventName, EventPayloads } from '../../src/events.ts';

type Listeners = { readonly [Name in EventName]?: (payload: EventPayloads[Name]) => void };

/** What one factory publishes, judged at the moment. A listener must not throw into the code it listens to: what is wrong is kept. */
export class FactoryEvents {
  /** What was found wrong first. */
  problem: Error | undefined;
  readonly #stops: (() => void)[] = [];

  constructor(factory: string, listeners: Listeners) {
    for (const [name, listener] of Object.entries(listeners) as [EventName, (payload: unknown) => void][]) {
      const listen = (payload: unknown): void => {
        if ((payload as { readonly factory: string }).factory === factory) this.guard(() => listener(payload));
      };
      subscribe(name, listen);
      this.#stops.push(() => unsubscribe(name, listen));
    }
  }

  guard(judge: () => void): void {
    try {
      judge();
    } catch (error) {
      this.problem ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }
}
