import type { IncomingMessage } from 'node:http';
import type { SpokenRefusal } from './recipes/types.ts';
import type { Refused } from './types.ts';

/** More of a refusal's body is not read. */
const MAX_BODY_BYTES = 64 * 1024;

/** A refusal of which nothing is known yet. */
export const REFUSED: Refused = {
  admitted: false,
  httpStatus: undefined,
  retryAfter: undefined,
  body: undefined,
  closeCode: undefined,
  closeReason: undefined,
  message: undefined,
  failure: undefined,
};

/** Reads the HTTP answer to an upgrade request which was not 101. Resolves also when the server stops half-way. */
export async function readRefusal(response: IncomingMessage): Promise<Refused> {
  const text = await readText(response);
  return {
    ...REFUSED,
    httpStatus: response.statusCode,
    retryAfter: response.headers['retry-after'],
    body: parseBody(text),
  };
}

/** A refusal by close frame: accepted first, closed before it was confirmed. */
export function refusedByClose(code: number, reason: string, failure: string | undefined): Refused {
  // 1006 never travels: it says that no close frame came.
  if (code === 1006) {
    return { ...REFUSED, failure: failure ?? 'the server ended the connection without an answer or a close frame' };
  }
  return { ...REFUSED, closeCode: code, closeReason: reason, failure };
}

/** A refusal in the words of the protocol, on a connection that may stay open. */
export function refusedByMessage({ message, status, closeCode, body }: SpokenRefusal): Refused {
  return { ...REFUSED, message, httpStatus: status, closeCode, body };
}

function readText(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const done = (): void => resolve(Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES));
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes >= MAX_BODY_BYTES) {
        done();
        response.destroy();
      }
    });
    response.once('end', done);
    response.once('close', done);
    response.on('error', done);
  });
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
