import { once } from 'node:events';
import { IncomingMessage, ServerResponse, createServer } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { expect, test } from 'vitest';
import { type SessionGuardOptions, guardSessions } from '../src/adapters/sessions.ts';
import { createManagerFactory } from '../src/factory.ts';
import { type Speech, type Stage, type Subject, refusalOverHttp, stageOf } from './conformance-kit.ts';
import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformancePolicies, ofRequests } from './conformance-policies.suite.ts';
import { conformance } from './conformance.suite.ts';
import { NEVER, atEnd } from './factory-kit.ts';
import { until, userOf } from './guarded-server.ts';
import { ManualClock } from './manual-clock.ts';
import { RawClient } from './raw-client.ts';

const stream: Speech = {
  ask: (client, user, headers) => client.request('POST', `/?user=${user}`, headers),
  isIn: (client) => client.response?.status === 200,
  say: () => undefined,
  hears: (client, text) => client.frames.includes(text),
  refusal: refusalOverHttp,
};

const sessions: Subject = {
  name: 'sessions across requests',
  can: {
    early: false,
    asks: false,
    closeCodes: false,
    messages: false,
    reports: true,
    endsRefused: true,
    tellsLimit: true,
  },
  endsAs: 'idle',
  waits: { before: 'a middleware', behind: 'the handler of its requests' },
  speech: stream,
  serve: (factory, { identify = (user) => user, began, init, hooks, message: _message, ...options }) => {
    const guard = guardSessions({
      factory,
      ...options,
      identify: (request) => identify(userOf(request)),
      events: true,
      sessionIdleMs: 50,
      open: async ({ manager }) => {
        await init?.(manager);
        return async (_request, response) => {
          if (hooks?.behind !== undefined) await hooks.behind(manager.user);
          began?.(manager, (text) => response.write(`data: ${text}\n\n`));
          response.writeHead(200, { 'Content-Type': 'text/event-stream' });
          for (const text of ['hello', 'still there']) response.write(`data: echo ${text}\n\n`);
        };
      },
    });
    const server = createServer((request, response) => {
      const serve = async (): Promise<void> => {
        if (hooks?.before !== undefined) await hooks.before(userOf(request));
        await guard.handle(request, response);
      };
      serve().catch(() => response.destroy());
    });
    return { server, guard, close: () => undefined };
  },
};

conformance(sessions);
conformanceOfAwaits(sessions);
conformancePolicies(sessions, ofRequests);

/** A server whose sessions count their requests, and what a client asks of it. */
async function counting(options: Partial<SessionGuardOptions> = {}): Promise<{
  readonly stage: Stage;
  ask(method: string, user: string, id?: string | null): Promise<{ status: number; id: string | null; text: string }>;
  /** Sessions that are open. */
  count(): number;
}> {
  let sessionCount = (): number => 0;
  const stage = await stageOf({
    ...sessions,
    serve: (factory) => {
      const guard = guardSessions({
        factory,
        identify: userOf,
        open: () => {
          let count = 0;
          return (request, response) => {
            count += 1;
            response.writeHead(request.url?.includes('wrong') === true ? 400 : 200).end(`request ${count}`);
          };
        },
        ...options,
      });
      sessionCount = () => guard.sessionCount;
      const server = createServer((request, response) => void guard.handle(request, response));
      return { server, guard, close: () => undefined };
    },
  });
  const { port } = stage.server.address() as AddressInfo;
  return {
    stage,
    count: () => sessionCount(),
    ask: async (method, user, id = null) => {
      const headers = { connection: 'close', ...(id === null ? undefined : { 'mcp-session-id': id }) };
      const response = await fetch(`http://127.0.0.1:${port}/?user=${user}`, { method, headers });
      return { status: response.status, id: response.headers.get('mcp-session-id'), text: await response.text() };
    },
  };
}

test('[J24] a session lives across requests of its user until it is deleted, and nobody else has it', async () => {
  const { stage, ask } = await counting();
  const first = await ask('POST', 'ada');
  expect(await ask('POST', 'ada', first.id)).toEqual({ status: 200, id: first.id, text: 'request 2' });
  expect(await ask('POST', 'ben', first.id)).toMatchObject({ status: 404, text: '{"reason":"unknown-session"}' });
  expect(await ask('DELETE', 'ben', first.id)).toMatchObject({ status: 404 });
  expect([stage.factory.usage('ada').active, stage.factory.stats().created]).toEqual([1, 1]);
  expect(await ask('DELETE', 'ada', first.id)).toMatchObject({ status: 204 });
  expect(await ask('POST', 'ada', first.id)).toMatchObject({ status: 404 });
  expect(await ask('DELETE', 'ada')).toMatchObject({ status: 404 });
  await stage.nothingIsLeft();
  expect(stage.factory.stats().released.byReason).toEqual({ 'client-close': 1 });
  // It said goodbye itself: nobody was cut off.
  expect(stage.factory.stats().liveness.stuckClosing).toBe(0);
});

test('[J24] whoever still reads a stream of a session that is deleted is told why it ends', async () => {
  const { stage, ask } = await counting({
    events: true,
    open: () => (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(':\n\n');
    },
  });
  const { port } = stage.server.address() as AddressInfo;
  const open = await fetch(`http://127.0.0.1:${port}/?user=ada`, { headers: { connection: 'close' } });
  const id = open.headers.get('mcp-session-id');
  expect(await ask('DELETE', 'ada', id)).toMatchObject({ status: 204 });
  expect(await open.text()).toContain('event: close\ndata: {"code":1001,"reason":"client-close"}');
  await stage.nothingIsLeft();
  expect(stage.factory.stats().liveness.stuckClosing).toBe(0);
});

test.each([
  ['its first request', 1],
  ['a later request', 2],
])('[J8] a session closed inside the handler of %s says goodbye, and takes no other', async (_which, closesAt) => {
  const { stage, ask, count } = await counting({
    open: ({ manager }) => {
      let requests = 0;
      return (_request, response) => {
        requests += 1;
        if (manager.user === 'ada' && requests === closesAt) void manager.close();
        if (!response.writableEnded) response.end(`request ${requests}`);
      };
    },
  });
  const first = await ask('POST', 'ada');
  const last = closesAt === 1 ? first : await ask('POST', 'ada', first.id);
  expect(last).toMatchObject({ status: 503, text: expect.stringContaining('ended-during-init') as string });
  expect(await ask('POST', 'ada', first.id)).toMatchObject({ status: 404 });
  expect(await ask('POST', 'ben')).toMatchObject({ status: 200, text: 'request 1' });
  expect([stage.factory.stats().released.byReason, count()]).toEqual([{ closed: 1 }, 1]);
});

test('[J34] a later request whose client left before the guard is asked waits for no identify', async () => {
  const clock = new ManualClock();
  const factory = createManagerFactory({ clock });
  atEnd(() => factory.close());
  const guard = guardSessions({ factory, identify: () => NEVER, open: () => () => undefined });
  const gone = new ServerResponse(new IncomingMessage(new Socket())).destroy();
  const armedBefore = clock.armed;
  void guard.handle(Object.assign(new IncomingMessage(new Socket()), { headers: { 'mcp-session-id': 'any' } }), gone);
  expect(clock.armed).toBe(armedBefore);
});

test('[J24] a session whose open answers nobody who handles requests is refused, and nothing hangs', async () => {
  const { stage, ask } = await counting({ open: (() => undefined) as never });
  expect(await ask('POST', 'ada')).toMatchObject({ status: 503, id: null });
  await stage.nothingIsLeft();
});

test('[J53] what a handler throws behind the end of its answer is reported, and the answer arrives whole', async () => {
  const text = 'x'.repeat(5_000_000);
  const { stage, ask } = await counting({
    open: () => (_request, response) => {
      response.end(text);
      throw new Error('too late');
    },
  });
  expect((await ask('POST', 'ada')).text).toBe(text);
  expect(stage.errors.map(({ stage: where, error }) => [where, String(error)])).toEqual([
    ['connection-listener', 'Error: too late'],
  ]);
  expect(stage.factory.usage('ada').active).toBe(1);
});

test('[J53] a response whose head is out before the guard is asked is reported and ended, with the session it cannot tell', async () => {
  const errors: unknown[] = [];
  const factory = createManagerFactory({ onError: (error) => errors.push(error) });
  const guard = guardSessions({ factory, identify: userOf, open: () => () => undefined });
  const server = createServer((request, response) => {
    response.flushHeaders();
    void guard.handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    guard.close();
    await factory.close();
    server.close();
  });
  const client = await RawClient.open((server.address() as AddressInfo).port);
  client.request('POST', '/?user=ada');
  await until(() => client.end !== undefined, 'the server let go');
  await until(() => factory.usage('ada').held === 0, 'nobody has a session');
  expect(errors).toMatchObject([{ code: 'ERR_HTTP_HEADERS_SENT' }]);
  client.socket.destroy();
});

test('[J24] a first request that is answered with an error begins no session', async () => {
  const { stage, ask } = await counting();
  expect(await ask('POST', 'ada&wrong')).toMatchObject({ status: 400 });
  await stage.nothingIsLeft();
});

test('[J24] a session without a request or an open response ends by its time-out, one with either lives', async () => {
  const { stage, ask } = await counting({ sessionIdleMs: 600 });
  const [busy, idle] = [await ask('POST', 'busy'), await ask('POST', 'idle')];
  expect(idle.status).toBe(200);
  await until(async () => {
    await ask('POST', 'busy', busy.id);
    return stage.factory.usage('idle').held === 0;
  }, 'the idle one is over');
  expect(stage.factory.usage('busy').held).toBe(1);
  await stage.nothingIsLeft();
  expect(stage.factory.stats().released.byReason).toEqual({ idle: 2 });
});

test('[J24] a session whose open stream nobody reads is silent, and one whose stream is read is not', async () => {
  const stage = await stageOf(
    {
      ...sessions,
      serve: (factory) => {
        const guard = guardSessions({
          factory,
          identify: userOf,
          events: true,
          open:
            ({ manager }) =>
            (_request, response) => {
              response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
              if (manager.user === 'stalled') response.write('x'.repeat(1 << 24));
            },
        });
        const server = createServer((request, response) => void guard.handle(request, response));
        return { server, guard, close: () => undefined };
      },
    },
    {},
    { heartbeatIntervalMs: 60, heartbeatMisses: 2 },
  );
  const reading = await stage.enter('reading');
  const stalled = await stage.ask('stalled');
  stalled.socket.pause();
  await until(() => stage.factory.stats().released.byReason['silent'] === 1, 'the one that does not read is over');
  expect([reading.end, stage.factory.usage('reading').held]).toEqual([undefined, 1]);
});

test('[J24] a client of MCP has one session, and its server is closed with it', async () => {
  const closed: string[] = [];
  const stage = await stageOf({
    ...sessions,
    serve: (factory) => {
      const guard = guardSessions({
        factory,
        identify: userOf,
        open: async ({ id, manager }) => {
          const mcp = new McpServer({ name: 'hello', version: '1.0.0' });
          mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: `hello ${manager.user}` }] }));
          const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => id });
          await mcp.connect(transport);
          manager.defer(async () => {
            await mcp.close();
            if (!mcp.isConnected()) closed.push(manager.user);
          });
          return (request, response) => transport.handleRequest(request, response);
        },
      });
      const server = createServer((request, response) => void guard.handle(request, response));
      return { server, guard, close: () => undefined };
    },
  });
  const { port } = stage.server.address() as AddressInfo;
  const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/?user=ada`));
  const client = new Client({ name: 'test', version: '1.0.0' });
  atEnd(() => client.close());
  await client.connect(transport);
  const answer = await client.callTool({ name: 'hello', arguments: {} });
  expect(answer.content).toEqual([{ type: 'text', text: 'hello ada' }]);
  expect([stage.factory.usage('ada').active, stage.factory.stats().created]).toEqual([1, 1]);
  await transport.terminateSession();
  await until(() => stage.factory.stats().released.total === 1, 'the session is over');
  await client.close();
  expect(closed).toEqual(['ada']);
  expect(stage.factory.stats().released.byReason).toEqual({ 'client-close': 1 });
});

test('[J24] what is wrong with the options of sessions is named', () => {
  const wrong = { factory: createManagerFactory(), identify: () => null, sessionIdleMs: 0, header: 'a b' };
  expect(() => guardSessions(wrong as unknown as SessionGuardOptions)).toThrow(
    /open must be a function[^]*header must be the name of a header, got "a b"[^]*sessionIdleMs must be a number above 0/,
  );
});
