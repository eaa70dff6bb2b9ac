import { createServer, type ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { guardHttp } from '../src/adapters/http.ts';
import { guardUpgrades } from '../src/adapters/node.ts';
import { guardSessions } from '../src/adapters/sessions.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactoryOptions } from '../src/options.ts';
import { type Stage, type Subject, canEverything, refusalOverHttp, stageOf } from './conformance-kit.ts';
import { atEnd } from './factory-kit.ts';
import { until, userOf } from './guarded-server.ts';

/** Responses that are no stream of events, each handed out once it is admitted. */
async function responsesOf(options: ManagerFactoryOptions): Promise<{ stage: Stage; responses: ServerResponse[] }> {
  const responses: ServerResponse[] = [];
  const subject: Subject = {
    name: 'responses of any kind',
    can: {
      early: false,
      asks: false,
      closeCodes: false,
      messages: false,
      reports: false,
      endsRefused: true,
      tellsLimit: true,
    },
    speech: {
      ask: (client, user) => client.request('GET', `/?user=${user}`),
      isIn: (client) => client.response?.status === 200,
      say: () => undefined,
      hears: (client, text) => client.frames.includes(text),
      refusal: refusalOverHttp,
    },
    serve: (factory) => {
      const guard = guardHttp({ factory, identify: userOf });
      const server = createServer((request, response) => {
        void guard.admit(request, response).then((manager) => {
          if (manager === undefined) return;
          response.writeHead(200).flushHeaders();
          responses.push(response);
        });
      });
      return { server, guard, close: () => undefined };
    },
  };
  return { stage: await stageOf(subject, {}, { heartbeatIntervalMs: false, ...options }), responses };
}

test('[J42] a response of which nothing can be left out is ended where a function says drop', async () => {
  const { stage, responses } = await responsesOf({ maxBufferedBytes: 200_000, onSlowConsumer: () => 'drop' });
  const ada = await stage.enter('ada');
  ada.socket.pause();
  await until(() => {
    for (let count = 0; count < 10; count += 1) responses[0]?.write('x'.repeat(60_000));
    return stage.factory.usage('ada').held === 0;
  }, 'it is ended');
  ada.socket.resume();
  await until(() => ada.end !== undefined, 'its socket is gone');
});

test('[J42] the end of a response is not bounded', async () => {
  const { stage, responses } = await responsesOf({ maxBufferedBytes: 1000 });
  const ada = await stage.enter('ada');
  responses[0]?.end('x'.repeat(100_000));
  await until(() => ada.frames.length > 100_000, 'it has all of it');
  await stage.nothingIsLeft();
  expect(stage.factory.stats().slowConsumers.terminated).toBe(0);
});

test('[J42] drop is refused where nothing can be left out', () => {
  const factory = createManagerFactory({ maxBufferedBytes: 1000, onSlowConsumer: 'drop' });
  atEnd(() => factory.close());
  const why = /onSlowConsumer 'drop' of the factory cannot work here unless events is true/;
  expect(() => guardHttp({ factory, identify: userOf })).toThrow(why);
  expect(() => guardSessions({ factory, identify: userOf, open: () => () => undefined })).toThrow(why);
  guardHttp({ factory, identify: userOf, events: true }).close();
});

test('[U8] without a bound neither a response nor a raw socket is touched', async () => {
  const { stage, responses } = await responsesOf({});
  await stage.enter('ada');
  expect(Object.hasOwn(responses[0] ?? {}, 'write')).toBe(false);
  const touched: boolean[] = [];
  const upgraded = await stageOf({
    name: 'bare upgrades',
    can: canEverything,
    speech: {
      ask: (client, user) => client.upgrade(`/?user=${user}`),
      isIn: () => touched.length > 0,
      say: () => undefined,
      hears: () => false,
      refusal: refusalOverHttp,
    },
    serve: (factory) => {
      const server = createServer();
      const accept: Parameters<typeof guardUpgrades>[1]['accept'] = (_request, socket) =>
        void setImmediate(() => touched.push(Object.hasOwn(socket, 'write')));
      return { server, guard: guardUpgrades(server, { factory, identify: userOf, accept }), close: () => undefined };
    },
  });
  await upgraded.enter('ada');
  expect(touched).toEqual([false]);
});
