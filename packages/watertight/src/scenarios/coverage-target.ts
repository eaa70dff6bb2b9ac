import { fileURLToPath } from 'node:url';
import { SpawnedCommand } from '../target/spawned.ts';
import type { Target } from '../target/types.ts';
import { poll } from './poll.ts';

// Two levels up from `src/scenarios` and from `dist/scenarios` alike: a specimen is always the compiled one.
const SPECIMEN_ENTRY = fileURLToPath(new URL('../../dist/faulty/main.js', import.meta.url));
const START_TIMEOUT_MS = 15_000;
const LOOK_EVERY_MS = 10;
const GRACE_MS = 2_000;

export interface StartedSpecimen {
  readonly target: Target;
  /** Address of its inspector. */
  readonly inspectorUrl: string;
}

/**
 * Starts a specimen. It says itself where it listens, so that nobody has to search the kernel's tables for it, and its
 * inspector is open from the start. Rejects when it ends, or does not listen in time; it is ended by then.
 */
export async function startSpecimen(args: readonly string[], signal: AbortSignal): Promise<StartedSpecimen> {
  const line = [process.execPath, '--inspect=127.0.0.1:0', SPECIMEN_ENTRY, ...args];
  const command = await SpawnedCommand.start(line, process.cwd(), process.env);
  try {
    const { last: address } = await poll(
      () => addresses(command.tail.text),
      (seen) => seen !== undefined || command.failure !== undefined,
      { deadlineMs: START_TIMEOUT_MS, everyMs: LOOK_EVERY_MS, signal },
    );
    if (address === undefined) {
      throw new Error(command.failure?.message ?? `the specimen did not listen within ${START_TIMEOUT_MS} ms`);
    }
    command.markListening();
    const target: Target = {
      label: command.label,
      url: new URL(address.url),
      pid: command.pid,
      get failure() {
        return command.failure;
      },
      ended: command.ended,
      output: () => command.tail.lastLines(),
      end: () => command.end(GRACE_MS),
    };
    return { target, inspectorUrl: address.inspectorUrl };
  } catch (error) {
    await command.end(GRACE_MS);
    throw error;
  }
}

/** Both, once both were said: they come on different streams. */
function addresses(text: string): { readonly url: string; readonly inspectorUrl: string } | undefined {
  const url = /^listening on (ws:\S+)$/m.exec(text)?.[1];
  const inspectorUrl = /^Debugger listening on (ws:\S+)$/m.exec(text)?.[1];
  return url === undefined || inspectorUrl === undefined ? undefined : { url, inspectorUrl };
}
