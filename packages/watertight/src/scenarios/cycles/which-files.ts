import { openFiles } from '../../evidence/process-look.ts';
import type { Finding } from '../../verdict/finding.ts';

const FILES = 'file descriptor (file)';
/** One that is open so much oftener than all others is the one that stays. */
const MOST_SHARE = 0.5;

/** Of a file that stays open nothing need be left in the heap to say who opened it: its name leads there. */
export function withFiles(finding: Finding, pids: readonly number[]): Finding {
  if (finding.kind !== 'descriptors' || finding.name !== FILES) return finding;
  const files = openFiles(pids);
  const all = files.reduce((sum, [, count]) => sum + count, 0);
  const [most] = files;
  if (most === undefined || most[1] < MOST_SHARE * all) return finding;
  const [path, count] = most;
  const kept = finding.traceNote ?? 'nothing that was seen in the heap';
  return { ...finding, traceNote: `${kept}; of ${all} open files ${count} are ${path}` };
}
