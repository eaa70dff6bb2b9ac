import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const SERVER = fileURLToPath(new URL('fixtures/transcript-server.mjs', import.meta.url));
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A server that answers the same to the same; ended with the test. */
export async function startTranscriptServer(
  ...args: readonly string[]
): Promise<{ readonly pid: number; readonly port: number }> {
  const child = spawn(process.execPath, ['--inspect-port=0', SERVER, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { pid: child.pid ?? 0, port: Number(said.toString()) };
}

/** A masked frame as a client sends it; the mask is always the same, so that the bytes are. */
function frame(opcode: number, payload: Buffer): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length]), mask, masked]);
}

/** Whole frames behind the answer to the upgrade; a refusal has none. */
function frameCount(bytes: Buffer): number {
  const head = bytes.indexOf('\r\n\r\n');
  if (head === -1) return 0;
  let count = 0;
  for (let at = head + 4; at + 2 <= bytes.length; count += 1) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    at += short === 126 ? 4 + (at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : bytes.length) : 2 + short;
    if (at > bytes.length) break;
  }
  return count;
}

/** Waits for so many frames, or until the server ends the connection: what is on its way when a client resets is anybody's guess. */
async function received(socket: Socket, chunks: Buffer[], frames: number): Promise<void> {
  while (frameCount(Buffer.concat(chunks)) < frames && !socket.readableEnded && !socket.destroyed) {
    const waiting = new AbortController();
    await Promise.race(['data', 'end', 'close'].map((name) => once(socket, name, { signal: waiting.signal })));
    waiting.abort();
  }
}

/** One client life; answers every byte that the server sent, without the date. */
export async function live(port: number, random: () => number, room: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'connect');
  const path = random() < 0.1 ? '/refused' : `/?user=${room}`;
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`,
  );
  let answers = 1;
  await received(socket, chunks, answers);
  for (let said = Math.floor(random() * 4); said > 0; said -= 1) {
    socket.write(
      frame(random() < 0.5 ? 1 : 2, Buffer.alloc(1 + Math.floor(random() * 300), 97 + Math.floor(random() * 26))),
    );
    answers += 1;
    await received(socket, chunks, answers);
  }
  const ending = random();
  if (ending < 0.5) socket.write(frame(8, Buffer.from([3, 232 + Math.floor(random() * 2)])));
  else if (ending < 0.7) socket.write(frame(3, Buffer.from('reserved')));
  else if (ending < 0.85) socket.end();
  else socket.resetAndDestroy();
  if (!socket.destroyed) await once(socket, 'close');
  return Buffer.concat(chunks)
    .toString('latin1')
    .replace(/^Date: .*\r\n/m, '');
}
