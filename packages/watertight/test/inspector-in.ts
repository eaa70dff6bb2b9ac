import type { Readable } from 'node:stream';

/** Where Node says on stderr that its inspector listens, as one types it: `127.0.0.1:9229`. */
export function inspectorIn(stderr: Readable): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    // Read on to the end: a pipe that is full would hold the process up.
    stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [, address] = /listening on ws:\/\/([^/]+)\//.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    });
  });
}
