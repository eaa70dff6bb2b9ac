import { Deadline } from './deadline-queue.ts';
import { reportError } from './host.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import type { ReleaseReport } from './release-report.ts';
import { inSlices } from './slices.ts';

/**
 * So many are closing at once: each has 500 ms from its own close, and ten thousand answers in one turn of the loop take longer. What
 * they hold meanwhile is what a collection of garbage has to copy, so it is more only where nobody answers.
 */
const AT_ONCE = { first: 250, least: 100, most: 1000 } as const;
/** So many are closed in one stretch, however long it takes: whoever closes a user finds that it holds nobody afterwards. */
const FEW_COUNT = 100;
/** A batch that took longer than this many closing handshakes had a busy loop, not slow peers. */
const BUSY_HANDSHAKES = 1.25;

/**
 * Closes managers, each from its own moment. A few before this returns; of many the first at once, in slices, and no more than {@link AT_ONCE} before their sockets
 * are gone or have had their time for it; fewer while the loop does not keep up, more where peers do not answer. Answers when the last is closed.
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
  if (managers.length <= FEW_COUNT) {
    for (const manager of managers) end(manager, host.clock.now());
    return Promise.all(released);
  }
  let atOnce: number = AT_ONCE.first;
  for (let first = 0; first < managers.length;) {
    const next = first + atOnce;
    const beganAtMs = host.clock.now();
    const { longestSliceMs } = await inSlices(host.clock, managers.slice(first, next).values(), end);
    host.tally.noteSlice(longestSliceMs);
    const ended = next < managers.length ? await goneOrOverdue(host, released.slice(first)) : 'gone';
    if (host.clock.now() - beganAtMs > BUSY_HANDSHAKES * host.options.closeHandshakeMs)
      atOnce = Math.max(AT_ONCE.least, Math.floor(atOnce / 2));
    else atOnce = ended === 'overdue' ? Math.min(AT_ONCE.most, atOnce * 2) : Math.min(AT_ONCE.first, atOnce * 2);
    first = next;
  }
  return Promise.all(released);
}

/** Its deadline stands behind those of the closing handshakes, in the same lane: a loop that is late with them is not given more. */
function goneOrOverdue(host: ManagerHost, released: readonly Promise<unknown>[]): Promise<'gone' | 'overdue'> {
  return new Promise((resolve) => {
    const patience = new Patience(() => resolve('overdue'));
    host.deadlines.schedule(patience, host.options.closeHandshakeMs, host.clock.now());
    void Promise.all(released).then(() => {
      host.deadlines.cancel(patience);
      resolve('gone');
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
