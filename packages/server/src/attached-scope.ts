import { type Attached, countOf, countOpen, listOf } from './attached.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { Host } from './host.ts';
import { ScopeRecord } from './scope-record.ts';

/** A scope that connections are attached to: what they come to, all together. */
export class AttachedScope extends ScopeRecord {
  readonly createdAtMs: number;
  protected attached: Attached = undefined;

  constructor(host: Host, user: string, nowMs: number) {
    super(host, user);
    // Whole milliseconds are stored in place, fractions in an object of their own.
    this.createdAtMs = Math.floor(nowMs);
  }

  get connections(): readonly ConnectionRecord[] {
    return listOf(this.attached);
  }

  get connectionCount(): number {
    return countOf(this.attached);
  }

  /** Those whose socket is still there. */
  get openCount(): number {
    return countOpen(this.attached);
  }

  get everAttached(): boolean {
    return this.attached !== undefined;
  }

  /** The last inbound byte on any of them. */
  get lastInboundMs(): number {
    return Math.max(this.createdAtMs, ...this.connections.map(({ lastInboundMs }) => lastInboundMs));
  }

  /** The last inbound message on any of them. */
  get lastUseMs(): number {
    return Math.max(this.createdAtMs, ...this.connections.map(({ usedAtMs }) => usedAtMs));
  }

  /** What they have not sent yet. */
  get unsentBytes(): number {
    let unsentBytes = 0;
    for (const connection of this.connections) unsentBytes += connection.unsentBytes;
    return unsentBytes;
  }
}
