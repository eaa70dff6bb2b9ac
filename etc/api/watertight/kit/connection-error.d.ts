/** How a connection is refused, or broken. */
export type ConnectionErrorCode = 'ECONNREFUSED' | 'ECONNRESET' | 'EHOSTUNREACH' | 'EPIPE' | 'ETIMEDOUT';
/** An error as Node makes it for a socket of the system. */
export declare function connectionError(code: ConnectionErrorCode, syscall: 'connect' | 'read' | 'write', address?: string, port?: number): NodeJS.ErrnoException;
