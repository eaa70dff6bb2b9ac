import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { Doubts } from './doubts.ts';
import { openDrive } from './drive.ts';
import { parseIdentity } from './identity.ts';
import type { Attempt, Drive } from './types.ts';

const LOOKS_UP_MS = 40;

interface Served {
  readonly drive: Drive;
  readonly address: URL;
}

/** Lets everybody in, looks up who it is, and closes whoever is one too many; a place that was taken `isKept` for ever. */
async function looksUpLater({
  limit,
  isKept = false,
  isWordless = false,
  doubts = new Doubts(limit),
}: LateServer): Promise<Served> {
  const counts = new Map<string, number>();
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const decide = async (socket: WebSocket, request: IncomingMessage): Promise<void> => {
    socket.on('error', () => undefined);
    const user = new URL(request.url ?? '/', 'http://x').searchParams.get('user') ?? '';
    await delay(LOOKS_UP_MS);
    const count = counts.get(user) ?? 0;
    if (count >= limit) return isWordless ? socket.terminate() : socket.close(4429, 'too many');
    counts.set(user, count + 1);
    socket.once('close', () => {
      if (!isKept) counts.set(user, (counts.get(user) ?? 0) - 1);
    });
  };
  wss.on('connection', (socket, request) => void decide(socket, request));
  await once(wss, 'listening');
  const address = new URL(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}/`);
  const drive = openDrive(address, parseIdentity(), {}, undefined, doubts);
  onTestFinished(async () => {
    await drive.dispose();
    for (const client of wss.clients) client.terminate();
    wss.close();
  });
  return { drive, address };
}

interface LateServer {
  readonly limit: number;
  readonly isKept?: boolean;
  /** No close frame says why. */
  readonly isWordless?: boolean;
  readonly doubts?: Doubts;
}

const countAdmitted = (attempts: readonly Attempt[]): number => attempts.filter(({ admitted }) => admitted).length;

test('[D44] who is one too many and closed once it was looked up is refused with the code, though its ping was answered', async () => {
  const { drive } = await looksUpLater({ limit: 2 });
  expect(countAdmitted([await drive.connect('u'), await drive.connect('u')])).toBe(2);
  expect(await drive.connect('u')).toMatchObject({ admitted: false, closeCode: 4429, closeReason: 'too many' });
});

test('[D44] who is one too many and loses its connection without a word is refused too', async () => {
  const { drive } = await looksUpLater({ limit: 1, isWordless: true });
  await drive.connect('u');
  expect(await drive.connect('u')).toMatchObject({
    admitted: false,
    closeCode: undefined,
    failure: 'the server ended the connection without an answer or a close frame',
  });
});

test('[D44] of fifty at once for one place one is admitted, and the others are refused', async () => {
  const { drive } = await looksUpLater({ limit: 2 });
  await drive.connect('u');
  const attempts = await drive.connectAtOnce('u', 50);
  expect(countAdmitted(attempts)).toBe(1);
  expect(attempts.filter((it) => !it.admitted && it.closeCode === 4429)).toHaveLength(49);
});

test('[D44] a server that was seen to say no late is waited for below the limit too', async () => {
  const { drive } = await looksUpLater({ limit: 2, isKept: true });
  for (const attempt of await drive.connectAtOnce('u', 2))
    if (attempt.admitted) await attempt.client.end('close-frame');
  // Nobody of the user is there any more, as far as its clients know.
  await drive.connectAtOnce('other', 3);
  expect(await drive.connect('u')).toMatchObject({ admitted: false, closeCode: 4429 });
});

test('[D44] whoever is one too many and stays is admitted', async () => {
  const { drive } = await looksUpLater({ limit: 3, doubts: new Doubts(1) });
  const attempts = await drive.connectAtOnce('u', 2);
  expect(countAdmitted(attempts)).toBe(2);
});

test('[D44] of another process of the server nobody is one too many for who is here', async () => {
  const doubts = new Doubts(1);
  const { drive, address } = await looksUpLater({ limit: 2, doubts });
  await drive.connect('u');
  const copy = openDrive(address, parseIdentity(), {}, undefined, doubts.forCopy());
  onTestFinished(async () => await copy.dispose());
  const startedAtMs = performance.now();
  expect(await copy.connect('u')).toMatchObject({ admitted: true });
  expect(performance.now() - startedAtMs).toBeLessThan(1_000);
});

test('[D44] who is asked to stay a while is admitted when nobody tells it no until then, also when it is closed without one', async () => {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  wss.on('connection', (socket, request) => {
    const code = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('user'));
    void delay(LOOKS_UP_MS).then(() => socket.close(code));
  });
  await once(wss, 'listening');
  const address = new URL(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}/`);
  const drive = openDrive(address, parseIdentity());
  onTestFinished(async () => {
    await drive.dispose();
    wss.close();
  });
  expect(await drive.connect('4401', { stayMs: 2_000 })).toMatchObject({ admitted: false, closeCode: 4401 });
  expect(await drive.connect('1008', { stayMs: 2_000 })).toMatchObject({ admitted: false, closeCode: 1008 });
  expect(await drive.connect('1000', { stayMs: 2_000 })).toMatchObject({ admitted: true });
});
