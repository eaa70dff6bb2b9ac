import { hasProc, isAlive, processRecord } from './proc.ts';
import type { Target, TargetFailure } from './types.ts';

const WATCH_MS = 250;

/** A server that ran before us and runs on after us: it is watched, and never ended. */
export function watchRunning(
  about: Pick<Target, 'label' | 'url' | 'pids' | 'notes'> & { readonly inspectorUrl?: string },
): Target {
  let failure: TargetFailure | undefined;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<TargetFailure>((resolve) => {
    if (about.pids.length === 0) return;
    const isRunning = hasProc() ? sameAsNow(about.pids) : answersSignals;
    timer = setInterval(() => {
      const gone = about.pids.find((pid) => !isRunning(pid));
      if (gone === undefined) return;
      clearInterval(timer);
      failure = {
        kind: 'crashed',
        message: `the server at ${about.label} (process ${gone}) ended while it was examined`,
      };
      resolve(failure);
    }, WATCH_MS).unref();
  });
  return {
    ...about,
    pid: about.pids[0],
    isOurs: false,
    get failure() {
      return failure;
    },
    ended,
    output: () => '',
    complaints: () => [],
    end: () => {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}

/** A dead process that nobody collects keeps its number, and answers to it; a number that is free again may be a stranger's. */
function sameAsNow(pids: readonly number[]): (pid: number) => boolean {
  const known = new Map(pids.map((pid) => [pid, processRecord(pid)?.startedTicks]));
  return (pid) => {
    const record = processRecord(pid);
    return record !== undefined && isAlive(record) && record.startedTicks === known.get(pid);
  };
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
