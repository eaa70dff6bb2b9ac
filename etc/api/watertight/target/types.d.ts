/** The server under examination, started by us or already running. */
export interface Target {
    /** How it was given, for messages: the command line or the URL. */
    readonly label: string;
    /** WebSocket URL without user: `ws://127.0.0.1:4100/chat`. */
    readonly url: URL;
    /** The process that listens (not necessarily the one we started); `undefined` when it is not on this machine or not visible. */
    readonly pid: number | undefined;
    /** Set once the target has ended by itself; later operations fail with it. */
    readonly failure: TargetFailure | undefined;
    /** Resolves when the target ends by itself; never rejects. */
    readonly ended: Promise<TargetFailure>;
    /** Last lines of its output, for messages. */
    output(): string;
    /** Ends what we started (SIGTERM, then SIGKILL after `graceMs`), and nothing else. Idempotent. */
    end(): Promise<void>;
}
export interface TargetFailure {
    readonly kind: 'not-found' | 'exited' | 'crashed' | 'never-listened' | 'port-taken' | 'not-websocket' | 'unreachable';
    /** One sentence a tired person understands, with the value, the limit and the unit. */
    readonly message: string;
    readonly exitCode?: number | null;
    readonly signal?: string | null;
    readonly output?: string;
}
