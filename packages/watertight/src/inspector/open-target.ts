import { hasProc } from '../target/proc.ts';
import type { Target } from '../target/types.ts';
import { openDoor, openStartedNode, type Door } from './open.ts';
import { SHOWN_NOWHERE } from './in-the-way.ts';
import { together } from './together.ts';
import type { InsideView } from './types.ts';
import { InsideViewError } from './unavailable.ts';

/** The view into a target, with what was opened for it. */
export interface OpenedTarget {
  readonly view: InsideView;
  /** What was opened, and what could not be, in sentences. */
  readonly notes: readonly string[];
  /** Closes what we opened; answers what was closed, in sentences. Idempotent. */
  close(): Promise<readonly string[]>;
}

/**
 * Opens a view into every process that holds connections of a target; one that cannot be opened is named, and its part of
 * what stays behind is then not seen.
 *
 * @throws {@link InsideViewError} with the reason when none of them can be opened.
 */
export async function openTargetInside(
  target: Pick<Target, 'pids' | 'inspectorUrl' | 'isOurs'> & Partial<Pick<Target, 'startedNode' | 'url'>>,
  options: { readonly timeoutMs?: number } = {},
): Promise<OpenedTarget> {
  const { pids, inspectorUrl } = target;
  const doors: Door[] = [];
  const refused: string[] = [];
  let reason: unknown = new InsideViewError(
    target.isOurs && !hasProc() ? SHOWN_NOWHERE : 'its process is not on this machine, or not visible',
  );
  const { startedNode, url: served } = target;
  if (startedNode !== undefined && served !== undefined)
    doors.push(await openStartedNode(startedNode, Number(served.port), options));
  for (const pid of inspectorUrl !== undefined && pids.length === 0 ? [undefined] : pids) {
    try {
      const url = inspectorUrl === undefined ? {} : { url: inspectorUrl };
      doors.push(await openDoor(pid, { ...options, ...url, guarded: !target.isOurs, moves: pids.length > 1 }));
    } catch (error) {
      reason = error;
      refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  const [first, ...others] = doors.map((door) => door.view);
  if (first === undefined) throw reason;
  const notes = [
    ...doors.map(openedSentence),
    ...refused.map((why) => `not seen from inside, beside others that are: ${why}`),
  ];
  let closing: Promise<readonly string[]> | undefined;
  const close = (): Promise<readonly string[]> =>
    (closing ??= Promise.all(doors.map(closedSentence)).then((said) => said.flat()));
  return { view: together([first, ...others]), notes, close };
}

function openedSentence({ view, address, isOurs }: Door): string {
  return isOurs
    ? `opened the inspector of process ${view.pid} on ${address}, for this machine alone; it is closed again at the end`
    : `looks through the inspector of process ${view.pid} on ${address}, which was open before and is left open`;
}

async function closedSentence(door: Door): Promise<string[]> {
  const isClosed = await door.close();
  if (!door.isOurs) return [];
  return [
    isClosed
      ? `closed the inspector of process ${door.view.pid} on ${door.address}`
      : `the inspector of process ${door.view.pid} on ${door.address} could not be closed: the process did not answer; it stays open until the process ends`,
  ];
}
