/** What a target says of itself without anybody having asked: Node's warnings, rejections nobody handles, exceptions nobody catches. */
export interface Complaint {
  readonly is: 'warning' | 'unhandled rejection' | 'uncaught exception';
  /** `MaxListenersExceededWarning`, `TypeError`. */
  readonly name: string;
  readonly count: number;
  /** What the first one said, at most 300 characters; `null` when only their number is known. */
  readonly firstText: string | null;
}

/** What finalizers are called that the check itself registers with managers of its own users, to see what becomes of those that hang or fail. */
export const REHEARSED_FINALIZER = 'rehearsal of watertight';
/** How a server on `@watertight/server` warns of these: it was provoked, and is no complaint about the server's own code. */
export const PROVOKED_WARNING: string = `Code called by @watertight/server failed (finalizer, ${REHEARSED_FINALIZER}`;

/** A complaint, and how often a client life led to it. */
export interface ToldComplaint extends Complaint {
  /** `null` where it did not grow with the cycles, or no cycles were counted. */
  readonly perCycle: number | null;
}

/** One row for each thing that is complained of: the same things are heard in several processes and in several ways. */
export function mergeComplaints(
  heard: readonly Complaint[],
  add: (one: number, other: number) => number,
): readonly Complaint[] {
  const rows = new Map<string, Complaint>();
  for (const complaint of heard) {
    const key = `${complaint.is}:${complaint.name}`;
    const known = rows.get(key);
    rows.set(
      key,
      known === undefined
        ? complaint
        : {
            ...known,
            count: add(known.count, complaint.count),
            firstText: known.firstText ?? complaint.firstText,
          },
    );
  }
  return [...rows.values()];
}
