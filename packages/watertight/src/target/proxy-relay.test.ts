import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openProxyRelay } from './proxy-relay.ts';

test('[FL6] a proxy may be an IPv6 address', async () => {
  const proxy = createServer();
  proxy.on('connect', (request, client) => client.end(`HTTP/1.1 200 OK\r\n\r\nthrough to ${request.url}`));
  proxy.listen(0, '::1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  const url = new URL(`http://[::1]:${(proxy.address() as AddressInfo).port}/`);
  const relay = await openProxyRelay(url, '2001:db8::1', 80);
  onTestFinished(() => relay.close());
  const client = connect({ port: relay.port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  let said = '';
  client.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(client, 'close');
  expect(relay.failure).toBeUndefined();
  expect(said).toBe('through to [2001:db8::1]:80');
});
