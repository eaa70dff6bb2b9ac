import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openRelay } from '../../src/kit.ts';

const CHUNK = Buffer.alloc(64 * 1024);
/** What four buffers of the kernel and two of Node hold, many times over. */
const MOST_BYTES = 128 * 1024 * 1024;
const STANDS_STILL_MS = 500;

/** Writes until nothing of it goes on any more; answers how much was taken. */
async function fill(socket: Socket): Promise<number> {
  while (socket.bytesWritten < MOST_BYTES) {
    if (socket.write(CHUNK)) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const [drained, late] = [new AbortController(), new AbortController()];
    const stands = new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, STANDS_STILL_MS, true);
      late.signal.addEventListener('abort', () => clearTimeout(timer));
    });
    const goesOn = once(socket, 'drain', { signal: drained.signal }).then(
      () => false,
      () => true,
    );
    const isOver = await Promise.race([goesOn, stands]);
    drained.abort();
    late.abort();
    if (isOver) break;
  }
  return socket.bytesWritten;
}

test.each(['client', 'server'] as const)(
  '[TK14] a late connection of which the %s does not read takes what there is room for, and Node warns of nothing',
  async (reader) => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const relay = await openRelay((server.address() as AddressInfo).port);
    onTestFinished(async () => await relay.close());
    relay.delay(1);
    const client = connect(relay.port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void client.destroy());
    const [accepted] = (await once(server, 'connection')) as [Socket];
    accepted.on('error', () => undefined);
    const [silent, writer] = reader === 'client' ? [client, accepted] : [accepted, client];
    silent.pause();
    expect(await fill(writer)).toBeLessThan(MOST_BYTES);
    expect(warnings).toEqual([]);
  },
);
