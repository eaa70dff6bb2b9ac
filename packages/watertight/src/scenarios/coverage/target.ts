import { SpawnedCommand } from '../../target/spawned.ts';
import type { Target } from '../../target/types.ts';
import { poll } from '../../evidence/poll.ts';
import { ownProgram } from '../../target/own-program.ts';

const SPECIMEN_ENTRY = ownProgram('specimen.js');
const START_TIMEOUT_MS = 15_000;
const LOOK_EVERY_MS = 10;
const GRACE_MS = 2_000;

/** A process that serves some specimens. */
export interface SpecimenHouse {
  readonly pid: number;
  /**
   * One per specimen, in the order in which they were asked for. Ending one ends all. Where there are several, none shows the
   * process: whose of the sockets in it are whose cannot be told.
   */
  readonly targets: readonly Target[];
  /** Address of its inspector. */
  readonly inspectorUrl: string;
  /** Resolves when the process is gone. Idempotent. */
  end(): Promise<void>;
}

/**
 * Starts specimens in one process. They say themselves where they listen, so that nobody has to search the kernel's tables
 * for it, and the inspector is open from the start. Rejects when the process ends, or they do not listen in time; it is ended by then.
 */
export async function startSpecimens(
  specimens: readonly string[],
  args: readonly string[],
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SpecimenHouse> {
  const faults = specimens.flatMap((specimen) => ['--fault', specimen]);
  const line = [process.execPath, '--inspect=127.0.0.1:0', SPECIMEN_ENTRY, ...faults, ...args];
  const command = await SpawnedCommand.start(line, process.cwd(), env);
  const end = (): Promise<void> => command.end(GRACE_MS);
  try {
    const { last: addresses } = await poll(
      () => readAddresses(command.tail.text),
      ({ urls, inspectorUrl }) =>
        (urls.length === specimens.length && inspectorUrl !== undefined) || command.failure !== undefined,
      { deadlineMs: START_TIMEOUT_MS, everyMs: LOOK_EVERY_MS, signal },
    );
    const { urls, inspectorUrl } = addresses;
    if (urls.length < specimens.length || inspectorUrl === undefined) {
      throw new Error(command.failure?.message ?? `the specimens did not listen within ${START_TIMEOUT_MS} ms`);
    }
    command.markListening();
    const pid = urls.length === 1 ? command.pid : undefined;
    return { pid: command.pid, targets: urls.map((url) => targetOf(command, { url, pid, end })), inspectorUrl, end };
  } catch (error) {
    await end();
    throw error;
  }
}

function targetOf(
  command: SpawnedCommand,
  { url, pid, end }: { readonly url: string; readonly pid: number | undefined; readonly end: () => Promise<void> },
): Target {
  return {
    label: command.label,
    url: new URL(url),
    pid,
    pids: pid === undefined ? [] : [pid],
    isOurs: true,
    notes: [],
    get failure() {
      return command.failure;
    },
    ended: command.ended,
    complaints: () => [],
    output: () => command.tail.lastLines(),
    end,
  };
}

function readAddresses(text: string): { readonly urls: readonly string[]; readonly inspectorUrl: string | undefined } {
  return {
    urls: [...text.matchAll(/^listening on (ws:\S+)$/gm)].flatMap(([, url]) => url ?? []),
    inspectorUrl: /^Debugger listening on (ws:\S+)$/m.exec(text)?.[1],
  };
}
