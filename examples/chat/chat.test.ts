import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChatClient } from './chat-client.ts';
import { createChat } from './chat.js';

let chat: ReturnType<typeof createChat>;
let url: string;
const clients: ChatClient[] = [];

beforeEach(async () => {
  chat = createChat({ heartbeatIntervalMs: 100, presenceIntervalMs: 50 });
  await new Promise<void>((resolve) => chat.server.listen(0, '127.0.0.1', resolve));
  url = `ws://127.0.0.1:${(chat.server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  await chat.close();
});

async function connect(query: string, options?: { readonly autoPong?: boolean }): Promise<ChatClient> {
  const client = await ChatClient.connect(`${url}/?${query}`, options);
  clients.push(client);
  return client;
}

function connectionCount(): Promise<number> {
  return new Promise((resolve, reject) => {
    chat.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

/** Nothing of anybody is left within the promised 500 ms. */
async function expectNothingLeft(withinMs = 500): Promise<void> {
  await vi.waitFor(
    async () => {
      const { active, pending, closing, created, released } = chat.factory.stats();
      expect({ active, pending, closing, left: created - released.total }).toEqual({
        active: 0,
        pending: 0,
        closing: 0,
        left: 0,
      });
      expect(chat.rooms.size).toBe(0);
      expect(await connectionCount()).toBe(0);
    },
    { timeout: withinMs, interval: 5 },
  );
}

test('[B20] two users in a room exchange messages, and nobody outside of it hears them', async () => {
  const ada = await connect('user=ada&room=tea');
  const ben = await connect('user=ben&room=tea');
  const eve = await connect('user=eve');
  ada.say({ type: 'say', room: 'tea', text: 'hello' });
  expect(await ben.hears({ type: 'said' })).toEqual({ type: 'said', room: 'tea', user: 'ada', text: 'hello' });
  ben.say({ type: 'say', room: 'tea', text: 'hello to you' });
  expect(await ada.hears({ type: 'said', user: 'ben' })).toMatchObject({ text: 'hello to you' });
  eve.say({ type: 'say', room: 'tea', text: 'let me in' });
  expect(await eve.hears({ type: 'problem' })).toEqual({ type: 'problem', message: 'You are not in tea' });
  expect(eve.unheard.filter(({ type }) => type === 'said')).toEqual([]);
});

test('[B20] a session joins and leaves rooms while it lasts', async () => {
  const ada = await connect('user=ada');
  const ben = await connect('user=ben&room=tea');
  ada.say({ type: 'join', room: 'tea' });
  expect(await ada.hears({ type: 'presence', room: 'tea' })).toMatchObject({ users: ['ada', 'ben'] });
  ada.say({ type: 'leave', room: 'tea' });
  await ben.hears({ type: 'left', user: 'ada' });
  expect(chat.rooms.usersIn('tea')).toEqual(['ben']);
  expect(chat.rooms.usersIn('lobby')).toEqual(['ada']);
});

describe.each(['leave message', 'close frame', 'fin', 'rst'] as const)('after a %s', (how) => {
  test('[B21] the others in the room are told who came and who is gone', async () => {
    const ada = await connect('user=ada');
    expect(await ada.hears({ type: 'presence' })).toMatchObject({ room: 'lobby', users: ['ada'] });
    const ben = await connect('user=ben');
    await ada.hears({ type: 'joined', user: 'ben' });
    await ada.hears({ type: 'presence', users: ['ada', 'ben'] });
    if (how === 'leave message') ben.say({ type: 'leave', room: 'lobby' });
    else if (how === 'close frame') ben.socket.close(1000);
    else ben.drop(how);
    await ada.hears({ type: 'left', user: 'ben' });
    await ada.hears({ type: 'presence', users: ['ada'] });
  });
});

test('[B21] a second tab is nobody new, and only the last one to go is gone', async () => {
  const ben = await connect('user=ben');
  const first = await connect('user=ada');
  await ben.hears({ type: 'joined', user: 'ada' });
  const second = await connect('user=ada');
  await second.hears({ type: 'presence', users: ['ada', 'ben'] });
  first.socket.close(1000);
  second.say({ type: 'say', room: 'lobby', text: 'still here' });
  await ben.hears({ type: 'said', text: 'still here' });
  expect(ben.unheard.filter(({ type }) => type === 'joined' || type === 'left')).toEqual([]);
  second.socket.close(1000);
  await ben.hears({ type: 'left', user: 'ada' });
});

describe('[B22] nothing is left of sessions that end', () => {
  test.each(['close frame', 'fin', 'rst'] as const)('[B22] by %s', async (how) => {
    const ended = await Promise.all(Array.from({ length: 10 }, (_, n) => connect(`user=ada&room=room-${n % 3}`)));
    expect(chat.factory.stats().active).toBe(10);
    for (const client of ended) {
      if (how === 'close frame') client.socket.close(1000);
      else client.drop(how);
    }
    await expectNothingLeft();
  });

  test('[B22] by vanishing: found silent after three heartbeat intervals', async () => {
    await connect('user=ada', { autoPong: false });
    expect(chat.factory.stats().active).toBe(1);
    await expectNothingLeft(3 * 100 + 500);
    expect(chat.factory.stats().released.byReason).toEqual({ silent: 1 });
  });

  test('[B22] by the end of the server', async () => {
    const ada = await connect('user=ada');
    const closed = new Promise<number>((resolve) => ada.socket.once('close', resolve));
    await chat.close();
    expect(await closed).toBe(1012);
    expect(chat.rooms.size).toBe(0);
    expect(chat.factory.stats()).toMatchObject({ active: 0, closing: 0, released: { total: 1 } });
  });
});

test('[B23] a user above the limit is refused, and another one is not', async () => {
  await Promise.all(Array.from({ length: 20 }, () => connect('user=ada')));
  expect(await ChatClient.refusal(`${url}/?user=ada`)).toBe(429);
  await connect('user=ben');
});

test('[B23] what makes no sense is answered, and a protocol error ends one connection only', async () => {
  const ada = await connect('user=ada');
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"type":"say"}',
    '{"type":"join","room":7}',
    '{"type":"sing","room":"a"}',
  ]) {
    ada.socket.send(text);
    await ada.hears({ type: 'problem' });
  }
  for (let n = 1; n <= 10; n += 1) ada.say({ type: 'join', room: `room-${n}` });
  expect(await ada.hears({ type: 'problem' })).toMatchObject({
    message: 'You are in 10 rooms already; leave one first',
  });

  const ben = await connect('user=ben');
  ben.raw.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
  await ada.hears({ type: 'left', user: 'ben' });
  expect(chat.factory.stats().active).toBe(1);
});
