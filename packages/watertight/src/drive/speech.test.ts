import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { openDrive } from './drive.ts';
import { parseIdentity } from './identity.ts';
import type { PlainSpeech } from './recipes/types.ts';
import type { Drive } from './types.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

const speech: PlainSpeech = {
  greet: (identity = '') => `HELO${identity}`,
  isWelcome: (message) => message === 'WELCOME',
  refusal: (message) => (message.startsWith('NO') ? { message: message.slice(3), body: { limit: 2 } } : undefined),
  reply: (message) => (message === 'ASK' ? 'ANSWER' : undefined),
  say: (text) => `SAY ${text}`,
};

/** A server that lets nobody in who does not speak as it does, and what it heard. */
async function strict(
  identity = parseIdentity(),
): Promise<{ readonly drive: Drive; readonly heard: string[]; ask(): void }> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(wss, 'listening');
  const heard: string[] = [];
  wss.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      heard.push(text);
      if (text.startsWith('HELO nobody')) socket.send('NO not you');
      else if (text.startsWith('HELO')) setTimeout(() => socket.send('WELCOME'), 20);
      else if (/^(SAY|ANSWER)/.test(text)) socket.send(text);
      else socket.close(4400, 'not understood');
    });
  });
  const drive = openDrive(new URL(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}/`), identity, {
    speech,
  });
  leftovers.push(() => {
    for (const socket of wss.clients) socket.terminate();
    wss.close();
  });
  leftovers.push(() => drive.dispose());
  return { drive, heard, ask: () => wss.clients.forEach((socket) => socket.send('ASK')) };
}

test('[D39] a client greets, is in once it is welcome, and says texts as the protocol wants them', async () => {
  const { drive, heard } = await strict();
  const attempt = await drive.connect('ada');
  if (!attempt.admitted) throw new Error('refused');
  expect(attempt.client.received).toEqual(['WELCOME']);
  attempt.client.send('hello');
  expect(await attempt.client.next(1000)).toBe('SAY hello');
  expect(heard).toEqual(['HELO', 'SAY hello']);
});

test('[D39] an identity that is a message is said in the greeting', async () => {
  const { drive, heard } = await strict(parseIdentity('message: I am user-{n}'));
  expect((await drive.connect(drive.userId(7))).admitted).toBe(true);
  expect(heard).toEqual(['HELO I am user-7']);
});

test('[D39] what wants an answer gets one, unless the client has fallen silent', async () => {
  const { drive, heard, ask } = await strict();
  const attempt = await drive.connect('ada');
  if (!attempt.admitted) throw new Error('refused');
  ask();
  await vi.waitFor(() => expect(heard).toEqual(['HELO', 'ANSWER']));
  attempt.client.ignorePings();
  ask();
  await vi.waitFor(() => expect(attempt.client.received.filter((message) => message === 'ASK')).toHaveLength(2));
  attempt.client.send('still here');
  await vi.waitFor(() => expect(heard.at(-1)).toBe('SAY still here'));
  expect(heard).toEqual(['HELO', 'ANSWER', 'SAY still here']);
});

test('[D40] a client that is turned away in words is refused, although the server keeps its connection open', async () => {
  const { drive, heard } = await strict(parseIdentity('message: nobody-{n}'));
  const attempt = await drive.connect(drive.userId(7));
  expect(attempt).toMatchObject({ admitted: false, message: 'not you', body: { limit: 2 }, failure: undefined });
  expect(heard).toEqual(['HELO nobody-7']);
  expect(drive.openCount).toBe(0);
});
