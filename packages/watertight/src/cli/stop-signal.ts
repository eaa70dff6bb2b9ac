/** npm and npx pass on a Ctrl-C that the terminal has sent to everybody already: so soon, the second one is the first one. */
const ECHO_MS = 300;

/** Why a run has to stop, as one abort signal; the reasons are sentences for the report. */
export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
  /** The sentence, once stopped. */
  readonly reason: string | undefined;
  /** The same, where the tool itself has failed. */
  readonly failure: string | undefined;
  stop(reason: string): void;
}

/**
 * Stops on SIGINT, SIGTERM, SIGHUP and after `timeoutMs` (`undefined`: never). A second signal calls `endNow` with 128 + its number.
 * Disposing removes its listeners and its timer.
 */
export function listenForStop(timeoutMs: number | undefined, endNow: (exitCode: number) => void): StopSignal {
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
  let failure: string | undefined;
  const onCrash = (error: unknown): void => {
    failure ??= `watertight itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    stop(failure);
  };
  const names = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, onSignal);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => stop(`out of time: ${timeoutMs} ms (--timeout) have passed`), timeoutMs);
  return {
    signal: controller.signal,
    get reason() {
      return controller.signal.aborted ? String(controller.signal.reason) : undefined;
    },
    get failure() {
      return failure;
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

/** Nobody reads any more (`watertight top 4711 | head`): whoever only shows something has nothing left to do. Returns how to stop that. */
export function stopWithReader(stop: StopSignal): () => void {
  const onError = (): void => stop.stop('nobody reads the output any more');
  process.stdout.on('error', onError);
  return () => process.stdout.off('error', onError);
}
