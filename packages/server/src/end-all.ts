import { reportError } from './host.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import type { ReleaseReport } from './release-report.ts';
import { inSlices } from './slices.ts';

/** Closes managers in slices, the first of them at once, each from its own moment; answers when the last is closed. */
export async function endAll(
  host: ManagerHost,
  managers: readonly ManagerRecord[],
  { reason, closeCode }: { readonly reason: string; readonly closeCode: number },
): Promise<readonly ReleaseReport[]> {
  const released: Promise<ReleaseReport>[] = [];
  const { longestSliceMs } = await inSlices(host.clock, managers.values(), (manager, nowMs) => {
    try {
      manager.end(reason, 'close', nowMs, closeCode);
    } catch (error) {
      reportError(host, error, 'internal', manager.user);
    }
    released.push(manager.released);
  });
  host.tally.noteSlice(longestSliceMs);
  return Promise.all(released);
}
