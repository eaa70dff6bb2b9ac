import { mergeComplaints, type Complaint } from '../verdict/complaint.ts';
import type { Lookable } from './server-look.ts';

/**
 * What a target complained of so far: what it printed, and what was heard inside. Both see the same warnings, and each may
 * miss some (printed before the view was opened; not printed because of `--no-warnings`), so the larger number counts.
 */
export async function complaintsOf({
  target,
  inside,
}: Pick<Lookable, 'target' | 'inside'>): Promise<readonly Complaint[]> {
  // A target that died has said its last words on its standard error.
  const heard = (await inside?.complaints().catch(() => undefined)) ?? [];
  return mergeComplaints([...heard, ...target.complaints()], (one, other) => Math.max(one, other));
}
