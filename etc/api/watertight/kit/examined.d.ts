import type { Server } from 'node:net';
/** A command that is started for the examination, and ended after it. */
export interface CommandToStart {
    /** Program and arguments; no shell reads them. */
    readonly command: readonly string[];
    /** Default: the folder that the tests run in. */
    readonly cwd?: string;
    /** Added to the environment of the tests. Default: nothing. */
    readonly env?: Readonly<Record<string, string>>;
}
/** A server that runs somewhere already and is left running. */
export interface RunningElsewhere {
    /** `ws:` or `wss:`. */
    readonly url: string;
    /** Its process, when it is on this machine: what it keeps is seen then. */
    readonly pid?: number;
}
/** A server that `startServer` started, in a process of its own or in that of the tests. */
export interface StartedServer extends AsyncDisposable {
    /** `ws:` URL. */
    readonly url: string;
    readonly pid: number;
    /** It runs in the process of the tests. */
    readonly isInProcess: boolean;
    /** The last lines it printed; empty in-process, where they are among those of the tests. */
    output(): string;
    /** Ends it; idempotent. */
    close(): Promise<void>;
}
/** A function that acquires and lets go, called again and again: a client life, an admission and its end. */
export type Cycle = () => unknown;
export type ExaminedServer = CommandToStart | RunningElsewhere | StartedServer | Server;
/** Everything that can be examined for leaks. */
export type Examined = ExaminedServer | Cycle;
export declare function isNetServer(value: unknown): value is Server;
