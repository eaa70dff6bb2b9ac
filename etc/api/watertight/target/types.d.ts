import type { Complaint } from '../verdict/complaint.ts';
import type { LineCounter } from './python-lines.ts';
/** The server under examination, started by us or already running. */
export interface Target {
    /** How it was given, for messages: the command line or the URL. */
    readonly label: string;
    /** WebSocket URL without user: `ws://127.0.0.1:4100/chat`. */
    readonly url: URL;
    /** The first of `pids`; `undefined` when it is not on this machine or not visible. */
    readonly pid: number | undefined;
    /** The processes that hold the connections: the one that listens, or all workers of a `node:cluster`. Empty when not visible. */
    readonly pids: readonly number[];
    /** The `ws:` address of an inspector that was given as open; `undefined`: one is opened by signal where that is possible. */
    readonly inspectorUrl?: string;
    /** The Node that we started, where the system shows nothing of processes, so that `pids` is empty: it alone can be asked all the same. */
    readonly startedNode?: StartedNode | undefined;
    /** Counts what is alive by the line that allocated it, where the target is a Python that we started. */
    readonly lines?: LineCounter | undefined;
    /** Whether we started it: what we did not start gets a guardian that closes what we opened, however we end. */
    readonly isOurs: boolean;
    /** What has to be known about how it was found, in sentences. */
    readonly notes: readonly string[];
    /** Set once the target has ended by itself; later operations fail with it. */
    readonly failure: TargetFailure | undefined;
    /** Resolves when the target ends by itself; never rejects. */
    readonly ended: Promise<TargetFailure>;
    /** Last lines of its output, for messages. */
    output(): string;
    /** What it printed of warnings and rejections so far; empty for what was not started by us. */
    complaints(): readonly Complaint[];
    /** Ends what we started (SIGTERM, then SIGKILL after `graceMs`), and nothing else. Idempotent. */
    end(): Promise<void>;
}
/** A process of Node of which is known what nobody can look up: we started it. */
export interface StartedNode {
    readonly pid: number;
    /** The port its inspector opens on when it is asked to. */
    readonly inspectPort: number;
}
export interface TargetFailure {
    readonly kind: 'not-found' | 'exited' | 'crashed' | 'never-listened' | 'port-taken' | 'not-websocket' | 'unreachable';
    /** One sentence a tired person understands, with the value, the limit and the unit. */
    readonly message: string;
    readonly exitCode?: number | null;
    readonly signal?: string | null;
    readonly output?: string;
}
