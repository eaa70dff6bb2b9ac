import type { IncomingMessage } from 'node:http';

import { RefusedRequest } from './answer.ts';

const MAX_BYTES = 16_384;
const WITHIN_MS = 5000;

export type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON object in the body. Frameworks that have read it already leave it at `request.body`. */
export async function readObject(request: IncomingMessage): Promise<JsonObject> {
  const parsed: unknown =
    'body' in request && request.body !== undefined ? request.body : parse(await readText(request));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new RefusedRequest(400, 'the body must be a JSON object');
  return parsed as JsonObject;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedRequest(400, 'the body is not JSON');
  }
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      request.off('data', take);
      finish();
    };
    const refuse = (status: number, message: string): void =>
      settle(() => {
        request.resume();
        reject(new RefusedRequest(status, message));
      });
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) refuse(413, `the body has more than ${MAX_BYTES} bytes`);
      else chunks.push(chunk);
    };
    const timer = setTimeout(() => refuse(408, `the body was not there within ${WITHIN_MS} ms`), WITHIN_MS);
    request.on('data', take);
    request.once('end', () => settle(() => resolve(Buffer.concat(chunks).toString('utf8'))));
    request.once('error', () => refuse(400, 'the body broke off'));
    request.once('close', () => refuse(400, 'the body broke off'));
  });
}
