import { ConnectionRecord } from './connection-record.ts';

/** The connections of a manager. Most have one, and an array would cost 56 bytes more. `undefined`: it never had any. */
export type Attached = ConnectionRecord | readonly ConnectionRecord[] | undefined;

export const NO_CONNECTIONS: readonly ConnectionRecord[] = [];

export function listOf(attached: Attached): readonly ConnectionRecord[] {
  if (attached === undefined) return NO_CONNECTIONS;
  return attached instanceof ConnectionRecord ? [attached] : attached;
}

export function countOf(attached: Attached): number {
  if (attached === undefined) return 0;
  return attached instanceof ConnectionRecord ? 1 : attached.length;
}

/** Also true of none. */
export function areAll(attached: Attached, what: 'ended' | 'gone'): boolean {
  if (attached === undefined) return true;
  return attached instanceof ConnectionRecord ? attached[what] : attached.every((connection) => connection[what]);
}

export function withAttached(attached: Attached, connection: ConnectionRecord): Attached {
  return countOf(attached) === 0 ? connection : [...listOf(attached), connection];
}

/** Those whose socket is still there. */
export function countOpen(attached: Attached): number {
  if (attached === undefined) return 0;
  if (attached instanceof ConnectionRecord) return attached.gone ? 0 : 1;
  return attached.filter(({ gone }) => !gone).length;
}
