import type { OpenedTarget } from '../inspector/open-target.ts';
import type { Road } from '../target/road.ts';
import type { Target } from '../target/types.ts';
import type { Guesses } from './recipe-choice.ts';
import type { Rooms } from './rooms.ts';
import type { CheckSettings } from './settings.ts';

/** A command gets this long to listen, in milliseconds, unless the whole run has less. */
const START_TIMEOUT_MS = 30_000;
/** Sooner than the run's own end: who never listened is named with its output, which a run that is out of time has not. */
const START_SHARE = 0.9;

/** A server at a URL, a process, an inspector, or a command that is started: whatever the settings name. */
export async function openTarget(
  settings: CheckSettings,
  rooms: Rooms,
  guesses: Guesses,
  { road, signal }: { readonly road: Road; readonly signal: AbortSignal },
): Promise<Target> {
  const speaksElsewhere = async (url: URL): Promise<boolean> => (await guesses.at(url, url.pathname !== '/')).isSeen;
  const given = settings.target;
  const where = { url: 'url' in given ? given.url : undefined, path: settings.path, speaksElsewhere };
  if ('pid' in given) return await rooms.pidTarget(given.pid, where);
  if ('inspect' in given) return await rooms.inspectTarget(given.inspect, where);
  if ('url' in given)
    return await rooms.urlTarget(given.url, { speaksElsewhere, headers: settings.fleet.headers, road });
  return await rooms.spawnTarget({
    command: given.command,
    path: settings.path,
    waitFor: settings.waitFor,
    speaksElsewhere,
    timeoutMs: Math.min(START_TIMEOUT_MS, settings.timeoutMs * START_SHARE),
    signal,
  });
}

/** The view into it, or why there is none: without it a target is examined from outside. */
export async function openInside(
  target: Target,
  rooms: Rooms,
): Promise<{ opened: OpenedTarget | undefined; note: string | undefined }> {
  try {
    return { opened: await rooms.openTargetInside(target), note: undefined };
  } catch (error) {
    return { opened: undefined, note: error instanceof Error ? error.message : String(error) };
  }
}
