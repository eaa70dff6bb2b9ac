import { Socket } from 'node:net';
export interface MemorySocketOptions {
    readonly localPort: number;
    readonly remotePort: number;
    readonly isConnecting: boolean;
    readonly allowHalfOpen: boolean;
}
type Done = (error?: Error | null) => void;
/**
 * One end of a connection in memory. It is a `net.Socket` without a handle: states, order, back pressure, half-closing, resets and
 * errors are those of a connection over TCP. Made by {@link socketPair} and {@link connectInMemory}.
 */
export declare class MemorySocket extends Socket {
    #private;
    bytesRead: number;
    bytesWritten: number;
    connecting: boolean;
    /** As with a socket of the system: before there is a connection, and when there is none any more. */
    pending: boolean;
    timeout: number;
    readonly localAddress: string;
    readonly localFamily: string;
    readonly localPort: number;
    readonly remoteAddress: string;
    readonly remoteFamily: string;
    readonly remotePort: number;
    /** The other end. */
    get peer(): MemorySocket;
    /** Pulls the cable: nothing arrives any more either way, and neither end is told. */
    cut(): void;
    resetAndDestroy(): this;
    setTimeout(timeoutMs: number, onTimeout?: () => void): this;
    setNoDelay(): this;
    setKeepAlive(): this;
    ref(): this;
    unref(): this;
    address(): {
        address: string;
        family: string;
        port: number;
    };
    _read(): void;
    _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void;
    _final(done: Done): void;
    _destroy(error: Error | null, done: (error?: Error | null) => void): void;
}
export {};
