/** npm and npx pass on a Ctrl-C that the terminal has sent to everybody already: so soon, the second one is the first one. */
const ECHO_MS = 300;

/** Why a run has to stop, as one abort signal; the reasons are sentences for the report. */
export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
  /** The sentence, once stopped. */
  readonly reason: string | undefined;
  stop(reason: string): void;
}

/**
 * Stops on SIGINT, SIGTERM, SIGHUP and after `timeoutMs`. A second signal calls `endNow` with 128 + its number.
 * Disposing removes its listeners and its timer.
 */
export function listenForStop(timeoutMs: number, endNow: (exitCode: number) => void): StopSignal {
  const controller = new AbortController();
  const stop = (reason: string): void => {
    if (!controller.signal.aborted) controller.abort(reason);
  };
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
  let signalledAtMs: number | undefined;
  const onSignal = (name: keyof typeof numbers): void => {
    const nowMs = performance.now();
    if (signalledAtMs === undefined) signalledAtMs = nowMs;
    else if (nowMs - signalledAtMs > ECHO_MS) endNow(128 + numbers[name]);
    stop(`interrupted by ${name}`);
  };
  // A crash of our own must not leave the target behind: it ends the run like a signal does.
  const onCrash = (error: unknown): void =>
    stop(`watertight itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const names = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, onSignal);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  const timer = setTimeout(() => stop(`out of time: ${timeoutMs} ms (--timeout) have passed`), timeoutMs);
  return {
    signal: controller.signal,
    get reason() {
      return controller.signal.aborted ? String(controller.signal.reason) : undefined;
    },
    stop,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const name of names) process.off(name, onSignal);
      process.off('uncaughtException', onCrash);
      process.off('unhandledRejection', onCrash);
    },
  };
}
