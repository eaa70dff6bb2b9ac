import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { openUrlTarget, parseTargetUrl } from './url.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  leftovers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('[K8] a running server is taken by its URL, with the process that listens, and is not ended', async () => {
  const http = createHttpServer();
  const wss = new WebSocketServer({ server: http, path: '/chat' });
  leftovers.push(() => wss.close());
  const port = await listening(http);
  const target = await openUrlTarget(`http://localhost:${port}/chat`);
  expect(target.url.href).toBe(`ws://localhost:${port}/chat`);
  expect(target.pid).toBe(process.pid);
  await target.end();
  expect(http.listening).toBe(true);
  expect(wss.clients.size).toBe(0);
});

test.each([
  ['not a url', '"not a url" cannot be examined: it is no URL'],
  ['ftp://x/', '"ftp://x/" cannot be examined: ftp: is not ws:, wss:, http: or https:'],
  ['ws://x/#there', 'a WebSocket URL has no fragment'],
])('[K8] the URL %s is refused with a message that names it', (given, message) => {
  expect(() => parseTargetUrl(given)).toThrow(message);
});

test('[K8] nobody there, a web page, something that is not HTTP, and silence are told apart', async () => {
  const page = await listening(createHttpServer((_request, response) => response.end('page')));
  const mail = await listening(
    createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('220 mail\r\n'),
    ),
  );
  const silent = await listening(createServer((socket) => void leftovers.push(() => socket.destroy())));
  const messageOf = async (port: number): Promise<string> =>
    openUrlTarget(`ws://127.0.0.1:${port}/`, { timeoutMs: 300 }).then(
      () => 'opened',
      (error: unknown) => String(error),
    );
  expect(await messageOf(1)).toContain('cannot be reached (ECONNREFUSED)');
  expect(await messageOf(page)).toContain('is not a WebSocket server: it answered the upgrade request with HTTP 200');
  expect(await messageOf(mail)).toContain('is not a WebSocket server: it does not speak HTTP');
  expect(await messageOf(silent)).toContain('is not a WebSocket server: it gave no answer');
});

test('[K21] a server behind TLS is told by its ws: URL, and one whose certificate nobody vouches for what makes it trusted', async () => {
  const pem = readFileSync(new URL('../../test/fixtures/self-signed.pem', import.meta.url));
  const port = await listening(createSecureServer({ key: pem, cert: pem }));
  await expect(openUrlTarget(`ws://127.0.0.1:${port}/chat`)).rejects.toThrow(
    `It speaks TLS: give --url wss://127.0.0.1:${port}/chat`,
  );
  await expect(openUrlTarget(`wss://127.0.0.1:${port}/`)).rejects.toThrow(
    /--ca <file> names who signed it, --insecure/,
  );
});
