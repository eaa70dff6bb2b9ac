import * as inspector from 'node:inspector';
import { isMainThread } from 'node:worker_threads';

/** The inspector of this process, open for as long as it is looked into. */
export interface OwnInspector extends Disposable {
  /** `ws:` address. */
  readonly url: string;
  /** `127.0.0.1:9229`. */
  readonly address: string;
}

let openCount = 0;
let isOurs = false;

/**
 * Opens the inspector of this process on a free loopback port; one that is open already is used and left open.
 *
 * @throws when the tests run in a worker thread, whose heap holds more than one test file and has no inspector of its own.
 */
export function openOwnInspector(): OwnInspector {
  if (!isMainThread) {
    throw new Error(
      'what runs inside this process cannot be examined: the tests run in a worker thread, which has no inspector of its own and shares its process with other test files. Use processes (vitest: --pool=forks; jest: no --workerThreads), or start the server as a command',
    );
  }
  if (inspector.url() === undefined) {
    inspector.open(0, '127.0.0.1');
    isOurs = true;
  }
  const url = inspector.url();
  if (url === undefined) throw new Error('the inspector of this process could not be opened on 127.0.0.1');
  openCount += 1;
  let isOpen = true;
  return {
    url,
    address: new URL(url).host,
    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      openCount -= 1;
      if (openCount > 0 || !isOurs) return;
      isOurs = false;
      inspector.close();
    },
  };
}
