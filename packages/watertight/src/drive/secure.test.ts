import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { TlsRoad } from '../target/road.ts';
import { openDrive } from './drive.ts';
import { parseIdentity } from './identity.ts';

const PEM = readFileSync(new URL('../../test/fixtures/self-signed.pem', import.meta.url), 'utf8');

test.each<[string, string, string, TlsRoad]>([
  ['IPv4', '127.0.0.1', '127.0.0.1', { ca: [PEM] }],
  ['IPv6', '::1', '[::1]', { rejectUnauthorized: false }],
])('[D43] a server behind TLS that is named by its address is asked for no name: %s', async (_, host, named, tls) => {
  const server = createServer({ key: PEM, cert: PEM });
  const wss = new WebSocketServer({ server });
  const names: unknown[] = [];
  server.on('secureConnection', (socket: TLSSocket & { readonly servername?: unknown }) =>
    names.push(socket.servername),
  );
  server.listen(0, host);
  await once(server, 'listening');
  const url = new URL(`wss://${named}:${(server.address() as AddressInfo).port}/`);
  const drive = openDrive(url, parseIdentity(), {}, { tls, at: undefined });
  onTestFinished(async () => {
    await drive.dispose();
    for (const client of wss.clients) client.terminate();
    server.close();
  });
  expect(await drive.connect('test-user-1')).toMatchObject({ admitted: true });
  expect(names).toEqual([false]);
});

test('[D15] a certificate that is none makes an attempt a refusal', async () => {
  const tls = { cert: 'none at all', key: PEM };
  const drive = openDrive(new URL('wss://127.0.0.1:1/'), parseIdentity(), {}, { tls, at: undefined });
  onTestFinished(() => drive.dispose());
  const attempt = await drive.connect('test-user-1');
  expect(attempt.admitted ? 'admitted' : attempt.failure).toContain('the request cannot be sent');
});
