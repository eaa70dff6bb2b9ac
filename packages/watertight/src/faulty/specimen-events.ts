import { channel } from 'node:diagnostics_channel';
import type { EventPayloads } from '@watertight/server';

/** Publishes an event where somebody who watches a factory would listen for it. */
export function publish<Name extends keyof EventPayloads>(
  name: Name,
  factory: string,
  payload: EventPayloads[Name],
): void {
  const to = channel(name);
  if (to.hasSubscribers) to.publish({ factory, ...payload });
}
