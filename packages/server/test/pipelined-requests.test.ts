import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Guard } from '../src/adapters/guard-options.ts';
import { guardHttp } from '../src/adapters/http.ts';
import type { Identity } from '../src/adapters/identify.ts';
import { guardSessions } from '../src/adapters/sessions.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import { type Stage, type Subject, refusalOverHttp, stageOf } from './conformance-kit.ts';
import { type Deferred, deferred } from './factory-kit.ts';
import { until, userOf } from './guarded-server.ts';

const COUNT = 15;

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown;
type Make = (factory: ManagerFactory, identify: (request: IncomingMessage) => Identity | Promise<Identity>) => Made;
type Made = { readonly guard: Guard; readonly handle: Handle };

const streams: Make = (factory, identify) => {
  const guard = guardHttp({ factory, identify });
  return { guard, handle: (request, response) => guard.admit(request, response) };
};

const sessions: Make = (factory, identify) => {
  const guard = guardSessions({ factory, identify, open: () => () => undefined });
  return { guard, handle: guard.handle };
};

/** A client of the server asks for everything at once, on one connection; none of it is ever answered by the code behind the adapter. */
async function pipelining(
  make: Make,
  wait?: { readonly at: 'middleware' | 'identify'; readonly promise: Promise<void> },
) {
  const asked = { count: 0 };
  const subject: Subject = {
    name: 'requests behind one another',
    can: {
      early: false,
      asks: false,
      closeCodes: false,
      messages: false,
      reports: false,
      endsRefused: false,
      tellsLimit: true,
    },
    speech: {
      ask: ({ socket }, user) => void socket.write(`GET /?user=${user} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(COUNT)),
      isIn: () => false,
      say: () => undefined,
      hears: () => false,
      refusal: refusalOverHttp,
    },
    serve: (factory) => {
      const { guard, handle } = make(factory, async (request) => {
        if (wait?.at === 'identify') await wait.promise;
        return userOf(request);
      });
      const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        asked.count += 1;
        if (wait?.at === 'middleware') await wait.promise;
        await handle(request, response);
      };
      const server = createServer((request, response) => void serve(request, response));
      return { server, guard, close: () => undefined };
    },
  };
  const stage: Stage = await stageOf(subject, {}, { heartbeatIntervalMs: false });
  return { stage, asked };
}

describe.each([
  ['guardHttp', streams],
  ['guardSessions', sessions],
] as const)('%s', (_name, make) => {
  test.each(['fin', 'rst'] as const)(
    '[J48] a client that leaves by %s takes all with it that it asked for on its connection',
    async (how) => {
      const { stage } = await pipelining(make);
      const ada = await stage.ask('ada');
      await until(() => stage.factory.usage('ada').active === COUNT, 'all are admitted');
      ada.leave(how);
      await stage.nothingIsLeft();
      expect(stage.factory.stats().released.total).toBe(COUNT);
    },
  );

  test.each(['middleware', 'identify'] as const)(
    '[J48] so does one that leaves while the %s takes time, and nothing is made for it',
    async (at) => {
      const wait: Deferred<void> = deferred();
      const { stage, asked } = await pipelining(make, { at, promise: wait.promise });
      const ada = await stage.ask('ada');
      await until(() => asked.count === COUNT, 'all are asked for');
      ada.leave('rst');
      await until(async () => (await stage.socketCount()) === 0, 'its socket is gone');
      await until(() => stage.guard.pendingCount === 0, 'nobody waits', 2000);
      wait.resolve();
      await stage.nothingIsLeft();
      expect(stage.factory.stats().created).toBe(0);
    },
  );

  test('[J48] a session whose turn to be answered has not come ends in time, and no error is told', async () => {
    const { stage } = await pipelining(make);
    const ada = await stage.ask('ada');
    await until(() => stage.factory.usage('ada').active === COUNT, 'all are admitted');
    await stage.factory.closeAllForUser('ada', 'drained');
    expect([stage.factory.stats().closing, stage.errors]).toEqual([0, []]);
    await until(() => ada.received.toString().includes('draining'), 'it is told');
    ada.leave('fin');
    await stage.nothingIsLeft();
  });
});
