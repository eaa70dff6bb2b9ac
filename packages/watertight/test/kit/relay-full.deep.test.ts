import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openRelay } from '../../src/kit.ts';

test('[TK14] a late connection whose server does not read makes Node warn of no listeners', async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  const server = createServer((socket) => void socket.pause().on('error', () => undefined)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const relay = await openRelay((server.address() as AddressInfo).port);
  onTestFinished(async () => await relay.close());
  relay.delay(1);
  const client = connect(relay.port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  const chunk = Buffer.alloc(64 * 1024);
  // Until the kernel holds no more, on both ways, and neither does the relay.
  const fill = async (): Promise<void> => {
    while (client.write(chunk)) await new Promise((resolve) => setImmediate(resolve));
    const drained = once(client, 'drain').then(() => true);
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, 300, false));
    if (await Promise.race([drained, late])) await fill();
  };
  await fill();
  expect(warnings).toEqual([]);
});
