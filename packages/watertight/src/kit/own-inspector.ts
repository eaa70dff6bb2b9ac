import * as inspector from 'node:inspector';
import { isMainThread } from 'node:worker_threads';

/** The inspector of this process, open for as long as it is looked into. */
export interface OwnInspector extends Disposable {
  /** `ws:` address. */
  readonly url: string;
  /** `127.0.0.1:9229`. */
  readonly address: string;
}

let before: Promise<unknown> = Promise.resolve();

/**
 * Lends the inspector of this process to one after another: two that look into one heap at the same time collect each other's garbage
 * and switch each other's profiler off.
 *
 * @throws what `look` throws, and when the tests run in a worker thread.
 */
export async function lendOwnInspector<T>(look: (own: OwnInspector) => Promise<T>): Promise<T> {
  const turn = before.then(async () => {
    using own = openOwnInspector();
    return await look(own);
  });
  before = turn.catch(() => undefined);
  return await turn;
}

/**
 * Opens the inspector of this process on a free loopback port; one that is open already is used and left open.
 *
 * @throws when the tests run in a worker thread, whose heap holds more than one test file and has no inspector of its own.
 */
function openOwnInspector(): OwnInspector {
  if (!isMainThread) {
    throw new Error(
      'what runs inside this process cannot be examined: the tests run in a worker thread, which has no inspector of its own and shares its process with other test files. Use processes (vitest: --pool=forks; jest: no --workerThreads), or start the server as a command',
    );
  }
  const isOurs = inspector.url() === undefined;
  if (isOurs) inspector.open(0, '127.0.0.1');
  const url = inspector.url();
  if (url === undefined) throw new Error('the inspector of this process could not be opened on 127.0.0.1');
  return {
    url,
    address: new URL(url).host,
    [Symbol.dispose]() {
      if (isOurs) inspector.close();
    },
  };
}
