import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { parseIdentity } from './identity.ts';
import { openLifeDrive, type LifeDriveOptions } from './lives.ts';
import type { LifeDrive, LifeEnding, LifeReport, Recipe } from './recipes/types.ts';
import { wsRecipe } from './recipes/ws.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

/** What the server saw of one connection, from the outside in. */
interface Seen {
  readonly events: string[];
  readonly socket: Socket;
  closeCode?: number;
}

interface Echo {
  readonly url: URL;
  readonly seen: Seen[];
  readonly http: Server;
}

/** An echo server that writes down what it sees on its raw sockets. */
async function echo(onMessage: (ws: WebSocket, text: string) => void = (ws, text) => ws.send(text)): Promise<Echo> {
  const seen: Seen[] = [];
  const http = createServer((_request, response) => response.end('plain'));
  const wss = new WebSocketServer({ noServer: true });
  http.on('connection', (socket: Socket) => {
    const mine: Seen = { events: [], socket };
    seen.push(mine);
    socket.on('error', (error: NodeJS.ErrnoException) => mine.events.push(error.code ?? error.message));
    socket.on('end', () => mine.events.push('end'));
    socket.on('close', () => mine.events.push('close'));
  });
  http.on('upgrade', (request, socket, head) => {
    const mine = seen.find((entry) => entry.socket === socket);
    mine?.events.push('upgrade');
    wss.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', (error: Error & { code?: string }) => mine?.events.push(error.code ?? error.message));
      ws.on('close', (code) => {
        if (mine) mine.closeCode = code;
      });
      ws.on('message', (data) => {
        mine?.events.push('message');
        onMessage(ws, (data as Buffer).toString());
      });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  leftovers.push(() => {
    for (const { socket } of seen) socket.destroy();
    http.close();
  });
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: new URL(`ws://127.0.0.1:${address.port}/`), seen, http };
}

async function drive(url: URL, recipe: Recipe, more: Partial<LifeDriveOptions> = {}): Promise<LifeDrive> {
  const opened = await openLifeDrive({
    url,
    identity: parseIdentity(),
    recipe,
    random: () => 0.5,
    signal: new AbortController().signal,
    ...more,
  });
  leftovers.push(() => opened.dispose());
  return opened;
}

async function until(holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error('did not come true within 5 000 ms');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const live = (lives: LifeDrive, ending: LifeEnding, patienceMs = 2_000): Promise<LifeReport> =>
  lives.live({ user: 'test-user-1', ending, patienceMs });

const HELLO = wsRecipe({ send: ['hello'] });

test.each<[LifeEnding, string[], number | undefined]>([
  ['close-frame', ['upgrade', 'message', 'end', 'close'], 1000],
  ['fin', ['upgrade', 'message', 'end', 'close'], 1006],
  ['rst', ['upgrade', 'message', 'ECONNRESET', 'close'], 1006],
  ['abort-in-upgrade', ['upgrade', 'ECONNRESET', 'close'], 1006],
  ['abort-after-response', ['upgrade', 'ECONNRESET', 'close'], 1006],
  ['mid-frame', ['upgrade', 'message', 'ECONNRESET', 'close'], 1006],
  ['during-work', ['upgrade', 'message', 'ECONNRESET', 'close'], 1006],
])('[D22] the ending %s is what the server sees', async (ending, events, closeCode) => {
  const server = await echo();
  const lives = await drive(server.url, HELLO);
  const report = await live(lives, ending);
  expect(report).toMatchObject({ index: 0, ending, served: true, failure: undefined, note: undefined });
  await until(() => server.seen[0]?.events.includes('close') ?? false);
  expect(server.seen[0]?.events.filter((event) => events.includes(event) || event.startsWith('E'))).toEqual(events);
  expect(server.seen[0]?.closeCode).toBe(closeCode);
  expect(report.letGo?.how).toBe(['close-frame', 'fin'].includes(ending) ? 'fin' : undefined);
  expect(lives.madeCount).toBe(1);
});

test.each<[LifeEnding, string]>([
  ['protocol-error', 'WS_ERR_INVALID_OPCODE'],
  ['oversized-frame', 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'],
])('[D22] the ending %s breaks the protocol, and the server’s letting go is seen', async (ending, code) => {
  const server = await echo();
  const lives = await drive(server.url, HELLO);
  const report = await live(lives, ending);
  expect(report.letGo?.how).toBe('fin');
  expect(report.letGo?.atMs).toBeGreaterThanOrEqual(report.endedAtMs);
  expect(server.seen[0]?.events).toContain(code);
});

test('[D23] a life that vanished sends neither FIN nor reset, and keeps its connection until it is released', async () => {
  const server = await echo();
  const lives = await drive(server.url, HELLO);
  const report = await live(lives, 'vanish', 50);
  expect(report).toMatchObject({ served: true, letGo: undefined });
  expect(lives.heldCount).toBe(1);
  // Had a FIN or reset been sent, it would stand before this in the loop of the server, which is in this process.
  await live(lives, 'close-frame');
  expect(server.seen[0]?.events).toEqual(['upgrade', 'message']);
  await lives.releaseHeld();
  expect(lives.heldCount).toBe(0);
  await until(() => server.seen[0]?.events.includes('close') ?? false);
});

test('[D23] a life that stalled lets the server’s buffers fill, and is held too', async () => {
  const sockets: WebSocket[] = [];
  const server = await echo((ws, text) => {
    sockets.push(ws);
    ws.send(text);
  });
  const lives = await drive(server.url, HELLO);
  await live(lives, 'stall', 0);
  const [ws] = sockets;
  const chunk = Buffer.alloc(1024 * 1024);
  for (let sentCount = 0; sentCount < 32; sentCount += 1) ws?.send(chunk);
  await live(lives, 'close-frame');
  expect(ws?.bufferedAmount).toBeGreaterThan(0);
  expect(server.seen[0]?.events).toEqual(['upgrade', 'message']);
  await lives.dispose();
  await until(() => server.seen[0]?.events.includes('close') ?? false);
});

test('[D24] during-work cuts after the n-th write, n decided by the seed within what an uncut life was seen to write', async () => {
  const server = await echo();
  const five = wsRecipe({ send: ['1', '2', '3'] });
  const draws = [0.1, 0.5, 0.9, 0.3, 0.7, 0.2];
  const lives = await drive(server.url, five, { random: () => draws.shift() ?? 0 });
  await live(lives, 'close-frame');
  const messages: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    await live(lives, 'during-work');
    await until(() => server.seen.at(-1)?.events.includes('close') ?? false);
    messages.push(server.seen.at(-1)?.events.filter((event) => event === 'message').length ?? 0);
  }
  // Three messages with a ping behind each, and the close frame: the cut falls on different ones.
  expect(new Set(messages).size).toBeGreaterThan(1);
  expect(Math.min(...messages)).toBeGreaterThanOrEqual(1);
});

test('[D24] the answer to the write that was cut after is not passed on', async () => {
  const server = await echo();
  let answers = 0;
  const asking: Recipe = {
    name: 'asking',
    async live(life) {
      const socket = await life.connect();
      socket.send('question');
      await socket.next();
      answers += 1;
    },
  };
  const lives = await drive(server.url, asking);
  expect(await live(lives, 'during-work')).toMatchObject({ served: true });
  await until(() => server.seen[0]?.events.includes('close') ?? false);
  expect(server.seen[0]?.events).toContain('message');
  expect(answers).toBe(0);
});

test('[D25] a wire takes several connections of one life, HTTP and WebSocket, and the ending meets all of them', async () => {
  const server = await echo();
  const both: Recipe = {
    name: 'both',
    async live(life) {
      const answer = await fetch(life.httpUrl, { headers: { connection: 'keep-alive' } });
      expect(await answer.text()).toBe('plain');
      await life.connect();
      await life.connect({ path: '/second' });
    },
  };
  const lives = await drive(server.url, both);
  expect(await live(lives, 'rst')).toMatchObject({ served: true });
  expect(lives.madeCount).toBe(3);
  await until(() => server.seen.every(({ events }) => events.includes('close')));
  expect(server.seen.map(({ events }) => events.includes('ECONNRESET'))).toEqual([true, true, true]);
});

test('[D26] a recipe that ends its lives itself is left alone: as-written', async () => {
  const server = await echo();
  const own: Recipe = {
    name: 'own',
    async live(life) {
      const socket = await life.connect();
      await socket.close(4_321, 'mine');
    },
  };
  const lives = await drive(server.url, own);
  expect(await live(lives, 'as-written')).toMatchObject({ served: true, letGo: { how: 'fin' } });
  await until(() => server.seen[0]?.closeCode === 4_321);
});

test('[D26] what a recipe registers is thrown away after every ending, and its goodbye is said on close-frame only', async () => {
  const server = await echo();
  const log: string[] = [];
  const tidy: Recipe = {
    name: 'tidy',
    async live(life) {
      life.onDispose(() => void log.push(`${life.ending}: thrown away`));
      // What a client library throws while it is thrown away is nobody's.
      life.onDispose(() => Promise.reject(new Error('too late')));
      const socket = await life.connect();
      return async () => {
        log.push('goodbye');
        await socket.close();
      };
    },
  };
  const lives = await drive(server.url, tidy);
  await live(lives, 'close-frame');
  await live(lives, 'vanish', 0);
  await live(lives, 'rst');
  expect(log).toEqual(['goodbye', 'close-frame: thrown away', 'vanish: thrown away', 'rst: thrown away']);
});

test('[D27] a refusal, a wrong server and a recipe that throws are reports, never rejections', async () => {
  const refusing = createServer();
  refusing.on('upgrade', (_request, socket) =>
    socket.end('HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 11\r\n\r\n{"limit":2}'),
  );
  refusing.listen(0, '127.0.0.1');
  await once(refusing, 'listening');
  const address = refusing.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = new URL(`ws://127.0.0.1:${address.port}/`);
  const refused = { httpStatus: 429, retryAfter: '7', body: { limit: 2 } };
  expect(await live(await drive(url, HELLO), 'rst')).toMatchObject({ served: false, refused });
  // A library that tells nothing of the answer: it is seen on the wire.
  const throwing: Recipe = {
    name: 'throwing',
    live: async (life) => {
      await life.connect().catch(() => undefined);
      throw new Error('no luck');
    },
  };
  expect(await live(await drive(url, throwing), 'rst')).toMatchObject({ served: false, refused, failure: 'no luck' });
  refusing.close();
  await once(refusing, 'close');
  const nobody = await live(await drive(url, HELLO), 'close-frame');
  expect(nobody).toMatchObject({ served: false });
  expect(nobody.failure).toContain('ECONNREFUSED');
});

test('[D27] a server that hangs or dies in the middle gives a report in time, not a hang', async () => {
  const server = await echo((ws, text) => {
    if (text === 'die') ws.terminate();
  });
  const waiting = (text: string): Recipe => ({
    name: 'waiting',
    async live(life) {
      const socket = await life.connect();
      socket.send(text);
      await socket.next(undefined, 60_000);
    },
  });
  const hung = await live(await drive(server.url, waiting('hang'), { serveWithinMs: 100 }), 'fin');
  expect(hung.failure).toBe('the recipe waiting was not served within 100 ms');
  const dead = await live(await drive(server.url, waiting('die')), 'fin');
  expect(dead).toMatchObject({ served: false });
  expect(dead.failure).toContain('the connection broke');
});

test('[D27] a recipe whose question throws at a message is a report, also when it waits already', async () => {
  const server = await echo((ws) => ws.send('null'));
  const asking: Recipe = {
    name: 'asking',
    async live(life) {
      const socket = await life.connect();
      const answer = socket.nextJson<{ readonly type: string }>(({ type }) => type === 'welcome');
      socket.send('hello');
      await answer;
    },
  };
  const report = await live(await drive(server.url, asking), 'fin');
  expect(report).toMatchObject({ served: false });
  expect(report.failure).toContain('null');
});

test('[D28] a recipe that pings again and again leaves no listener behind', async () => {
  const server = await echo();
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', onWarning);
  leftovers.push(() => process.off('warning', onWarning));
  const pinging: Recipe = {
    name: 'pinging',
    async live(life) {
      const socket = await life.connect();
      for (let count = 0; count < 12; count += 1) if (!(await socket.ping())) throw new Error('no pong');
    },
  };
  expect(await live(await drive(server.url, pinging), 'fin')).toMatchObject({ served: true });
  expect(warnings).toEqual([]);
});

test('[D28] a disposed drive has ended its lives, its companions and every handle, and lives no more', async () => {
  const handles = (): number =>
    process.getActiveResourcesInfo().filter((kind) => !['PipeWrap', 'TTYWrap', 'MessagePort'].includes(kind)).length;
  const server = await echo(() => undefined);
  const before = handles();
  const log: string[] = [];
  const stuck: Recipe = {
    name: 'stuck',
    setup: async ({ url }) => void log.push(`set up at ${url.pathname}`),
    teardown: async () => void log.push('torn down'),
    path: '/room',
    async live(life) {
      const socket = await life.connect();
      socket.send('x');
      if (life.index > 0) await socket.next(undefined, 60_000);
    },
  };
  const lives = await drive(server.url, stuck);
  await live(lives, 'vanish', 0);
  const running = live(lives, 'fin');
  await until(() => server.seen.filter(({ events }) => events.includes('message')).length === 2);
  await lives.dispose();
  expect(await running).toMatchObject({ served: false, failure: 'given up by the drive' });
  expect(await live(lives, 'fin')).toMatchObject({
    served: false,
    failure: 'the drive is disposed: it lives no more lives',
  });
  expect(log).toEqual(['set up at /room', 'torn down']);
  await until(() => server.seen.every(({ events }) => events.includes('close')));
  await until(() => handles() <= before);
});
