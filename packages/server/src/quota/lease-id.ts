import { createHash } from 'node:crypto';

/** Digits of the time in base 36: enough until the year 2059. */
const TIME_DIGITS = 8;
const NODE_CHARACTERS = 6;
const NODE_ID = /^[\w-]{6}$/;
const SESSION_MARK = '~';
/** 2000-01-01: keeps the time short. */
const EPOCH_MS = 946_684_800_000;

/**
 * The id of a lease says when it was taken, by whom, and for which session:
 *
 *     0g5k2m1x  Ab-_x9  3f  ~h4sh0fSe
 *     time      node    no. session, if any
 *
 * So the order of ids is the order in which leases were taken, known to everybody, whatever a store forgets. The time is the store's as
 * far as the node knows it, never the node's wall clock.
 */
export function makeLeaseId(
  takenAtMs: number,
  nodeId: string,
  sequence: number,
  sessionId: string | undefined,
): string {
  const time = Math.max(0, Math.floor(takenAtMs) - EPOCH_MS)
    .toString(36)
    .padStart(TIME_DIGITS, '0');
  const session = sessionId === undefined ? '' : `${SESSION_MARK}${sessionMark(sessionId)}`;
  return `${time}${nodeId}${sequence.toString(36)}${session}`;
}

/** Whether a node can have this name. */
export function isNodeId(text: string): boolean {
  return NODE_ID.test(text);
}

export function nodeOf(leaseId: string): string {
  return leaseId.slice(TIME_DIGITS, TIME_DIGITS + NODE_CHARACTERS);
}

/** How many of these leases each node took. */
export function countByNode(leaseIds: Iterable<string>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const id of leaseIds) counts[nodeOf(id)] = (counts[nodeOf(id)] ?? 0) + 1;
  return counts;
}

/** The mark of its session with its sign in front, or nothing. */
export function sessionOf(leaseId: string): string {
  const at = leaseId.indexOf(SESSION_MARK);
  return at < 0 ? '' : leaseId.slice(at);
}

function sessionMark(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('base64url').slice(0, 12);
}

/** Newest first. */
export function newestFirst(leaseIds: readonly string[]): string[] {
  return leaseIds.toSorted((one, other) => (one < other ? 1 : one > other ? -1 : 0));
}
