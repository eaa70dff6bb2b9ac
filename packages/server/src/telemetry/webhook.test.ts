import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { atEnd } from '../../test/factory-kit.ts';
import type { Alert } from './alert.ts';
import { type Webhook, webhook, type WebhookOptions } from './webhook.ts';

const ALERT: Alert = {
  rule: 'WatertightUserLockedOut',
  state: 'firing',
  severity: 'critical',
  factory: 'chat',
  user: '<!channel> & "ada"',
  value: 1.23456,
  summary: 'Somebody is refused.',
  forMs: 0,
};

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers with the statuses in turn, the last one for ever; 0: not at all. */
async function receiver(...statuses: number[]): Promise<{ url: string; received: Received[] }> {
  return answering((response) => {
    const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200;
    if (status !== 0) response.writeHead(status).end();
  });
}

async function answering(answer: (response: ServerResponse) => void): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      answer(response);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  atEnd(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

function hookTo(url: string, options: WebhookOptions = {}): Webhook {
  const hook = webhook(url, { retryDelayMs: 5, ...options });
  atEnd(() => hook.close());
  return hook;
}

test('[TM10] an alert arrives as JSON, signed over time and body', async () => {
  const { url, received } = await receiver(204);
  hookTo(url, { secret: 'shared' }).notify(ALERT);
  await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 10_000 });
  const { headers = {}, body = '' } = received[0] ?? {};
  expect(JSON.parse(body)).toEqual(ALERT);
  const [, seconds = '', signature] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-watertight-signature'])) ?? [];
  expect(signature).toBe(createHmac('sha256', 'shared').update(`${seconds}.${body}`).digest('hex'));
  expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(60);
});

test('[TM10] for Slack it is a text in which a user is no markup', async () => {
  const { url, received } = await receiver(200);
  hookTo(url, { format: 'slack' }).notify(ALERT);
  await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 10_000 });
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({
    text: ':rotating_light: firing [critical] WatertightUserLockedOut (1.23): chat, user `&lt;!channel&gt; &amp; "ada"`\nSomebody is refused.',
  });
});

test('[TM10] for Slack a user is quoted, and ends no quotation, no line and no direction of writing', async () => {
  const { url, received } = await receiver(200);
  hookTo(url, { format: 'slack' }).notify({ ...ALERT, user: 'a`*b*\u2028\u202Ehttps://evil.example' });
  await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 10_000 });
  expect((JSON.parse(received[0]?.body ?? '') as { text: string }).text).toContain(
    ', user `a\uFFFD*b*\uFFFD\uFFFDhttps://evil.example`\n',
  );
});

test('[TM11] what is sent elsewhere is not followed, and counts as lost: neither alert nor signature goes to whoever is named', async () => {
  const elsewhere = await receiver(200);
  for (const status of [301, 302, 303, 307, 308]) {
    const server = createServer((_request, response) => {
      response.writeHead(status, { location: elsewhere.url }).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    atEnd(() => void server.close());
    const hook = hookTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, { secret: 'x'.repeat(32) });
    hook.notify(ALERT);
    await vi.waitFor(() => expect(hook.lost).toBe(1), { timeout: 10_000 });
  }
  expect(elsewhere.received).toEqual([]);
});

test('[TM11] what fails for a while is tried again, in order; what is refused is not', async () => {
  const { url, received } = await receiver(503, 429, 400, 200);
  const hook = hookTo(url);
  for (const value of [1, 2, 3]) hook.notify({ ...ALERT, value });
  await vi.waitFor(() => expect(received).toHaveLength(5), { timeout: 10_000 });
  expect(received.map(({ body }) => (JSON.parse(body) as Alert).value)).toEqual([1, 1, 1, 2, 3]);
  expect(hook.lost).toBe(1);
});

test('[TM11] given up after so many attempts, and the oldest of too many is dropped', async () => {
  const { url, received } = await receiver(503);
  const hook = hookTo(url, { maxAttempts: 2, maxQueued: 2 });
  for (const value of [1, 2, 3, 4]) hook.notify({ ...ALERT, value });
  expect(hook.lost).toBe(1);
  await vi.waitFor(() => expect(hook.lost).toBe(4), { timeout: 10_000 });
  expect(received.map(({ body }) => (JSON.parse(body) as Alert).value)).toEqual([1, 1, 3, 3, 4, 4]);
});

test('[TM11] who does not answer in time is given up as well', async () => {
  const { url } = await receiver(0);
  const hook = hookTo(url, { timeoutMs: 30, maxAttempts: 2 });
  hook.notify(ALERT);
  await vi.waitFor(() => expect(hook.lost).toBe(1), { timeout: 10_000 });
});

test('[TM11] closing ends what is under way, and nothing is sent afterwards', async () => {
  const { url, received } = await receiver(0);
  const hook = hookTo(url, { retryDelayMs: 60_000 });
  hook.notify(ALERT);
  hook.notify(ALERT);
  await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 10_000 });
  await hook.close();
  hook.notify(ALERT);
  expect([hook.lost, received.length]).toEqual([2, 1]);
});

test('[TM13] closing waits as long as it is told to for what is under way, then gives up', async () => {
  const { url, received } = await receiver(503, 503, 200);
  const hook = hookTo(url, { retryDelayMs: 20 });
  hook.notify(ALERT);
  hook.notify(ALERT);
  await hook.close({ flushMs: 10_000 });
  hook.notify(ALERT);
  expect([hook.lost, received.length]).toEqual([0, 4]);
  const deaf = hookTo((await receiver(0)).url);
  deaf.notify(ALERT);
  deaf.notify(ALERT);
  await deaf.close({ flushMs: 30 });
  expect(deaf.lost).toBe(2);
  await expect(deaf.close({ flushMs: -1 })).rejects.toThrow('flushMs is -1 ms; it must be at least 0 ms');
});

test('[TM10] bad options are refused with name, value and bound', () => {
  expect(() => webhook('ftp://x', { timeoutMs: 0, maxAttempts: NaN, maxQueued: 0 })).toThrow(
    /url is "ftp:\/\/x"; it must be an http: or https: URL[\s\S]*timeoutMs is 0 ms; it must be at least 1 ms[\s\S]*maxAttempts is NaN[\s\S]*maxQueued is 0/,
  );
});

test('[TM10] times that no timer can wait for, and a URL with which nothing is sent, are refused', async () => {
  expect(() => webhook('https://ops:secret@example.org/hook', { timeoutMs: 2 ** 31 })).toThrow(
    /url has a user or a password[\s\S]*timeoutMs is 2147483648 ms; it must be at most 2147483647 ms/,
  );
  await expect(webhook('https://example.org/hook').close({ flushMs: Infinity })).rejects.toThrow(
    'flushMs is Infinity ms; it must be at most 2147483647 ms',
  );
});

test('[TM11] an alert that comes at the very moment at which the last one was sent is sent too', async () => {
  const sent: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    sent.push(url);
    return { ok: true, status: 200, body: null };
  });
  atEnd(() => vi.unstubAllGlobals());
  for (let turns = 0; turns < 40; turns += 1) {
    const hook = hookTo(`http://127.0.0.1/${turns}`);
    hook.notify(ALERT);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    hook.notify(ALERT);
    await new Promise((resolve) => setImmediate(resolve));
    expect(
      sent.filter((url) => url.endsWith(`/${turns}`)),
      `after ${turns} turns`,
    ).toHaveLength(2);
  }
});

test('[TM44] whoever limits its rate is not asked again before the time that it names', async () => {
  let freeAtMs: number | undefined;
  const { url, received } = await answering((response) => {
    freeAtMs ??= performance.now() + 900;
    if (performance.now() < freeAtMs) response.writeHead(429, { 'Retry-After': '1' }).end();
    else response.writeHead(204).end();
  });
  const hook = hookTo(url, { maxAttempts: 2 });
  hook.notify(ALERT);
  await vi.waitFor(() => expect(received).toHaveLength(2), { timeout: 10_000 });
  await hook.close({ flushMs: 10_000 });
  expect(hook.lost).toBe(0);
});
