import { randomUUID } from 'node:crypto';
import { textOf } from '../../drive/client.ts';
import type { Client } from '../../drive/types.ts';

const ECHO_WITHIN_MS = 200;
const MESSAGE_BYTES = 64 * 1024;
/** More than the kernel buffers of both ends hold together. */
export const STALLED_MESSAGE_COUNT = 80;

/** Whether the server sends back what it is sent: then a reader that stalls can be given something not to read. */
export async function isEcho(client: Client, withinMs: number = ECHO_WITHIN_MS): Promise<boolean> {
  const text = `watertight ${randomUUID()}`;
  client.send(text);
  const deadlineAtMs = performance.now() + withinMs;
  for (let leftMs = withinMs; leftMs > 0; leftMs = deadlineAtMs - performance.now()) {
    const frame = await client.next(leftMs).catch(() => undefined);
    if (frame === undefined) return false;
    if (textOf(frame).includes(text)) return true;
  }
  return false;
}

/** Stops reading and has the server send until its own buffers fill up; answers when the last byte of ours was on the wire. */
export async function stallFull(client: Client): Promise<number> {
  client.stall();
  client.sendBulk('x'.repeat(MESSAGE_BYTES), STALLED_MESSAGE_COUNT);
  return await client.end('stall');
}
