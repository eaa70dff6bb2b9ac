import type { Clock } from './clock.ts';
import type { LastHooksReport } from './drain-report.ts';
import { type Host, reportError } from './host.ts';

/** Runs hooks one after another, each isolated and for at most `timeoutMs`: stores and metrics outlive whoever uses them. */
export async function runLast(
  host: Pick<Host, 'clock' | 'onError' | 'options'>,
  hooks: readonly (() => unknown)[],
  timeoutMs: number,
): Promise<LastHooksReport> {
  const failed: string[] = [];
  const overdue: string[] = [];
  for (const [index, hook] of hooks.entries()) {
    const name = hook.name === '' ? `closeLast[${index}]` : hook.name;
    const outcome = await settledWithin(host.clock, hook, timeoutMs, (error) =>
      reportError(host, error, 'drain', undefined, name),
    );
    if (outcome === 'failed') failed.push(name);
    if (outcome === 'overdue') overdue.push(name);
  }
  return Object.freeze({ run: hooks.length, failed, overdue });
}

function settledWithin(
  clock: Clock,
  hook: () => unknown,
  timeoutMs: number,
  failed: (error: unknown) => void,
): Promise<'done' | 'failed' | 'overdue'> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve('overdue'), timeoutMs);
    (async () => hook())().then(
      () => {
        clock.clear(timer);
        resolve('done');
      },
      (error: unknown) => {
        clock.clear(timer);
        failed(error);
        resolve('failed');
      },
    );
  });
}
