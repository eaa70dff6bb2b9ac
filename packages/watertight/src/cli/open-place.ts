import { type Door, openDoor } from '../inspector/open.ts';
import { debuggerUrlAt } from '../target/inspect.ts';
import type { ProcessPlace } from './process-place.ts';

/** For commands that watch: whoever watches may be killed at any time, and the process goes on. */
export async function openPlace(place: ProcessPlace, about: { readonly factoryName?: string } = {}): Promise<Door> {
  if ('pid' in place) return await openDoor(place.pid, { ...about, guarded: true });
  return await openDoor(undefined, { ...about, url: await debuggerUrlAt(place.inspector, place.given) });
}
