import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';

import { SAFE_HEADERS } from './answer.ts';

interface PageFile {
  readonly body: Buffer;
  readonly type: string;
  readonly tag: string;
}

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/dashboard.mjs': ['dashboard.mjs', 'text/javascript; charset=utf-8'],
  '/dashboard.css': ['dashboard.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/notices.txt': ['notices.txt', 'text/plain; charset=utf-8'],
} as const;

/** The pages: files that are the same for everybody and say nothing of anybody, so nobody is asked who wants them. */
export class Pages {
  readonly #files = new Map<string, PageFile>();

  constructor() {
    for (const [path, [name, type]] of Object.entries(FILES)) {
      const body = readFileSync(fileURLToPath(new URL(`../dist/pages/${name}`, import.meta.url)));
      this.#files.set(path, { body, type, tag: `"${createHash('sha256').update(body).digest('base64url')}"` });
    }
  }

  /** Answers whether there is such a page. */
  send({ method, headers }: IncomingMessage, response: ServerResponse, path: string): boolean {
    const file = this.#files.get(path);
    if (file === undefined) return false;
    const isKnown = headers['if-none-match'] === file.tag;
    response.writeHead(isKnown ? 304 : 200, {
      ...SAFE_HEADERS,
      'content-type': file.type,
      'cache-control': 'no-cache',
      etag: file.tag,
      ...(isKnown ? {} : { 'content-length': file.body.length }),
    });
    response.end(isKnown || method === 'HEAD' ? undefined : file.body);
    return true;
  }
}
