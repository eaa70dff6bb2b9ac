import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Http2Server, connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { guardHttp } from '../src/adapters/http.ts';
import { guardSessions } from '../src/adapters/sessions.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import { atEnd } from './factory-kit.ts';
import { until, userOf } from './guarded-server.ts';

type Begin = (user: string, response: ServerResponse) => void;
type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;

const streams = (factory: ManagerFactory, begin: Begin): Handle => {
  const guard = guardHttp({ factory, identify: userOf });
  atEnd(() => guard.close());
  return async (request, response) => {
    const manager = await guard.admit(request, response);
    if (manager !== undefined) begin(manager.user, response);
  };
};

const sessions = (factory: ManagerFactory, begin: Begin): Handle => {
  const open = ({ manager }: { readonly manager: { readonly user: string } }) => {
    return (_request: IncomingMessage, response: ServerResponse): void => begin(manager.user, response);
  };
  const guard = guardSessions({ factory, identify: userOf, open });
  atEnd(() => guard.close());
  return guard.handle;
};

describe.each([
  ['guardHttp', streams],
  ['guardSessions', sessions],
] as const)('%s', (_name, make) => {
  test('[J52] who does not read is let go of alone, whoever else is served on its connection', async () => {
    const factory = createManagerFactory({ heartbeatIntervalMs: 50, heartbeatMisses: 1 });
    const handle = make(factory, (user, response) => {
      response.writeHead(200);
      response.write(user === 'stalled' ? 'x'.repeat(1 << 22) : 'hello');
    });
    const server: Http2Server = createServer((request, response) => {
      void handle(request as unknown as IncomingMessage, response as unknown as ServerResponse);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    client.on('error', () => undefined);
    atEnd(async () => {
      client.destroy();
      await factory.close();
      server.close();
    });
    const [reading, stalled] = ['reading', 'stalled'].map((user) => {
      const stream = client.request({ ':path': `/?user=${user}` });
      return stream.on('error', () => undefined);
    });
    reading?.resume();
    await until(() => factory.stats().released.byReason['silent'] === 1, 'the one that does not read is let go of');
    await until(() => stalled?.destroyed === true || stalled?.rstCode !== undefined, 'its stream is over');
    expect([reading?.closed, client.closed, factory.usage('reading').held]).toEqual([false, false, 1]);
  });
});
