import { type ServerResponse, createServer } from 'node:http';
import { expect, test } from 'vitest';
import { guardHttp } from '../src/adapters/http.ts';
import { type Speech, type Subject, refusalOverHttp, stageOf } from './conformance-kit.ts';
import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformancePolicies, ofRequests } from './conformance-policies.suite.ts';
import { conformance } from './conformance.suite.ts';
import { until, userOf } from './guarded-server.ts';

const eventStream: Speech = {
  ask: (client, user, headers) => client.request('GET', `/?user=${user}`, headers),
  isIn: (client) => client.response?.status === 200,
  say: () => undefined,
  hears: (client, text) => client.frames.includes(text),
  refusal: refusalOverHttp,
};

const http: Subject = {
  name: 'streams of events over HTTP',
  can: {
    early: false,
    asks: false,
    closeCodes: false,
    messages: false,
    reports: false,
    endsRefused: true,
    tellsLimit: true,
  },
  waits: { before: 'a middleware', behind: 'the code behind it' },
  speech: eventStream,
  serve: (factory, { identify = (user) => user, began, hooks, message: _message, ...options }) => {
    const guard = guardHttp({ factory, identify: (request) => identify(userOf(request)), events: true, ...options });
    const server = createServer((request, response) => {
      const serve = async (): Promise<void> => {
        if (hooks?.before !== undefined) await hooks.before(userOf(request));
        const manager = await guard.admit(request, response);
        if (manager === undefined) return;
        if (hooks?.behind !== undefined) await hooks.behind(manager.user);
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        for (const text of ['hello', 'still there']) response.write(`data: echo ${text}\n\n`);
        began?.(manager, (text) => response.write(`data: ${text}\n\n`));
      };
      serve().catch(() => response.destroy());
    });
    return { server, guard, close: () => undefined };
  },
};

conformance(http);
conformanceOfAwaits(http);
conformancePolicies(http, ofRequests);

test('[J17] a stream of events is told code and reason before it ends', async () => {
  const stage = await stageOf(http);
  const ada = await stage.enter('ada');
  await stage.factory.close();
  await until(() => ada.frames.includes('factory-closed'), 'it is told');
  expect(ada.frames.toString()).toContain('event: close\ndata: {"code":1012,"reason":"factory-closed"}\n\n');
});

test('[J17] who reads lives without a word, and who does not read is reset', async () => {
  const stage = await stageOf(
    {
      ...http,
      serve: (factory) => {
        const guard = guardHttp({ factory, identify: userOf, events: true });
        const server = createServer((request, response) => {
          void guard.admit(request, response).then((manager) => {
            response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
            manager?.every(5, () => {
              if (manager.user === 'stalled' && response.writableLength < 1 << 22) response.write('x'.repeat(1 << 20));
            });
          });
        });
        return { server, guard, close: () => undefined };
      },
    },
    {},
    { heartbeatIntervalMs: 100, heartbeatMisses: 2 },
  );
  const reading = await stage.enter('reading');
  const stalled = await stage.ask('stalled');
  stalled.socket.pause();
  const beganAtMs = performance.now();
  await until(() => stage.factory.usage('stalled').held === 1, 'it is let in');
  await until(() => stage.factory.usage('stalled').held === 0, 'the one that does not read is gone', 5000);
  await until(() => performance.now() - beganAtMs > 700, 'the other had time to be found silent');
  expect([reading.end, stage.factory.usage('reading').held]).toEqual([undefined, 1]);
  expect(stage.factory.stats().released.byReason).toEqual({ silent: 1 });
});

test('[J17] the response is the session, not the TCP connection: it serves the next request', async () => {
  const sessions: string[] = [];
  const keepAlive: Speech = {
    ...eventStream,
    ask: (client, user) => void client.socket.write(`GET /?user=${user} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`),
  };
  const stage = await stageOf({
    ...http,
    speech: keepAlive,
    serve: (factory) => {
      const guard = guardHttp({ factory, identify: userOf });
      const server = createServer((request, response) => {
        void guard.admit(request, response).then((manager) => {
          sessions.push(manager?.user ?? 'nobody');
          response.end('done');
        });
      });
      return { server, guard, close: () => undefined };
    },
  });
  const client = await stage.ask('ada');
  await until(() => client.received.includes('done'), 'it is answered');
  await until(() => stage.factory.stats().released.total === 1, 'the session is over');
  keepAlive.ask(client, 'ben');
  await until(() => sessions.length === 2, 'the next request is admitted');
  client.leave('fin');
  await stage.nothingIsLeft();
  expect(sessions).toEqual(['ada', 'ben']);
});

test.each([
  ['its head is out', true, 200],
  ['it has a head', false, 503],
] as const)(
  '[J47] what is still written to a response that was ended, although %s, ends nobody, and its client is told',
  async (_when, isBegun, status) => {
    const responses: ServerResponse[] = [];
    const stage = await stageOf({
      ...http,
      serve: (factory) => {
        const guard = guardHttp({ factory, identify: userOf });
        const server = createServer((request, response) => {
          void guard.admit(request, response).then((manager) => {
            if (manager === undefined) return;
            if (isBegun) response.writeHead(200).flushHeaders();
            responses.push(response);
          });
        });
        return { server, guard, close: () => undefined };
      },
    });
    const ada = await stage.ask('ada');
    await until(() => responses.length === 1, 'it is admitted');
    const closed = stage.factory.closeAllForUser('ada', 'drained');
    const told: unknown[] = [];
    for (const response of responses) response.write('one more word', (error) => told.push(error));
    await closed;
    await until(() => ada.end !== undefined, 'its socket is gone');
    expect([ada.response?.status, told]).toMatchObject([status, [{ code: 'ERR_STREAM_WRITE_AFTER_END' }]]);
  },
);

test('[J47] headers that say how a body is written that never came are not those of the answer', async () => {
  let isReady = false;
  const stage = await stageOf({
    ...http,
    serve: (factory) => {
      const guard = guardHttp({ factory, identify: userOf });
      const server = createServer((request, response) => {
        void guard.admit(request, response).then(() => {
          response.setHeader('Content-Encoding', 'gzip').setHeader('Transfer-Encoding', 'chunked');
          response.setHeader('Access-Control-Allow-Origin', '*');
          isReady = true;
        });
      });
      return { server, guard, close: () => undefined };
    },
  });
  const ada = await stage.ask('ada');
  await until(() => isReady, 'it is admitted');
  await stage.factory.closeAllForUser('ada', 'drained');
  await until(() => ada.end !== undefined, 'its socket is gone');
  const head = ada.received.toString().split('\r\n\r\n', 1)[0];
  expect(head).toMatch(/^HTTP\/1.1 503 /);
  expect(head).toContain('Access-Control-Allow-Origin: *');
  expect(head).not.toMatch(/encoding/i);
});
