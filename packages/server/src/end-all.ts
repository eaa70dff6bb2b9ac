import { Deadline } from './deadline-queue.ts';
import { reportError } from './host.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import type { ReleaseReport } from './release-report.ts';
import { inSlices } from './slices.ts';

/** As many are closing at once: each has 500 ms from its own close, and ten thousand answers in one turn of the loop take longer. */
const AT_ONCE = 1000;

/**
 * Closes managers, each from its own moment: the first of them at once, in slices, and no more than {@link AT_ONCE} before their sockets
 * are gone or have had their time for it. Answers when the last is closed.
 */
export async function endAll(
  host: ManagerHost,
  managers: readonly ManagerRecord[],
  { reason, closeCode }: { readonly reason: string; readonly closeCode: number },
): Promise<readonly ReleaseReport[]> {
  const released: Promise<ReleaseReport>[] = [];
  const end = (manager: ManagerRecord, nowMs: number): void => {
    try {
      manager.end(reason, 'close', nowMs, closeCode);
    } catch (error) {
      reportError(host, error, 'internal', manager.user);
    }
    released.push(manager.released);
  };
  for (let first = 0; first < managers.length; first += AT_ONCE) {
    const { longestSliceMs } = await inSlices(host.clock, managers.slice(first, first + AT_ONCE).values(), end);
    host.tally.noteSlice(longestSliceMs);
    if (first + AT_ONCE < managers.length) await goneOrOverdue(host, released.slice(first));
  }
  return Promise.all(released);
}

/** Its deadline stands behind those of the closing handshakes, in the same lane: a loop that is late with them is not given more. */
function goneOrOverdue(host: ManagerHost, released: readonly Promise<unknown>[]): Promise<void> {
  return new Promise((resolve) => {
    const patience = new Patience(resolve);
    host.deadlines.schedule(patience, host.options.closeHandshakeMs, host.clock.now());
    void Promise.all(released).then(() => {
      host.deadlines.cancel(patience);
      resolve();
    });
  });
}

class Patience extends Deadline {
  readonly #resolve: () => void;

  constructor(resolve: () => void) {
    super();
    this.#resolve = resolve;
  }

  override onDue(): void {
    this.#resolve();
  }
}
