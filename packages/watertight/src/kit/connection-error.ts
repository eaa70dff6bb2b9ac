import { constants } from 'node:os';

/** How a connection is refused, or broken. */
export type ConnectionErrorCode = 'ECONNREFUSED' | 'ECONNRESET' | 'EHOSTUNREACH' | 'EPIPE' | 'ETIMEDOUT';

/** An error as Node makes it for a socket of the system. */
export function connectionError(
  code: ConnectionErrorCode,
  syscall: 'connect' | 'read' | 'write',
  address?: string,
  port?: number,
): NodeJS.ErrnoException {
  const where = address === undefined ? '' : ` ${address}:${port}`;
  const error = new Error(`${syscall} ${code}${where}`);
  return Object.assign(error, {
    code,
    errno: -constants.errno[code],
    syscall,
    ...(address === undefined ? {} : { address, port }),
  });
}
