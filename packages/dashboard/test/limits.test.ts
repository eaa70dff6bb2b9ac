import { once } from 'node:events';
import { createServer, IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { memoryQuota, type UsersPage } from '@watertight/server';
import { expect, test } from 'vitest';

import { Access } from '../src/access.ts';
import type { Overview, UserPage } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';
import { Viewers } from '../src/viewers.ts';
import { atEnd, eventsOf, factoryOf, servedBoard, until } from './dashboard-kit.ts';

test('[DB7, DB10] where nodes share limits, the store and its nodes are told, and a user is seen on all of them', async () => {
  const store = memoryQuota();
  const here = factoryOf({ name: 'here', quota: store });
  const there = factoryOf({ name: 'there', quota: store });
  const { get } = await servedBoard({ factory: here });
  for (const [factory, user] of [
    [here, 'ada'],
    [there, 'ada'],
    [there, 'bob'],
  ] as const)
    await factory.admit({ user }, { withoutConnection: true });
  const { factories } = (await get('api/overview')).json as Overview;
  expect(factories[0]?.quota).toMatchObject({ awayForMs: null, nodes: expect.any(Number) as unknown });
  const shared = (await get('api/shared-users')).json as UsersPage;
  expect(new Map(shared.users.map(({ user, held }) => [user, held]))).toEqual(
    new Map([
      ['ada', 2],
      ['bob', 1],
    ]),
  );
  const page = (await get('api/user?user=ada')).json as UserPage;
  expect([page.look.usage.held, page.shared?.held, page.isStoreAway]).toEqual([1, 2, false]);
  expect(Object.values(page.shared?.perNode ?? {})).toEqual([1, 1]);
});

test('[DB7] the more a look costs, the less often it is taken', async () => {
  const factory = factoryOf({ maxManagersPerUser: false });
  for (let number = 0; number < 20_000; number += 1)
    factory.tryAdmit({ user: `u${number}` }, { withoutConnection: true });
  const { board } = await servedBoard({ factory, maxCpuShare: 0.001 });
  // Of the first look nothing is concluded yet.
  await until(() => board.overview().looks.everyMs > 200, 'the interval has grown');
  const { everyMs, tookMs } = board.overview().looks;
  expect(everyMs).toBeGreaterThan(400);
  expect(tookMs).toBeGreaterThan(0);
});

test('[DB8] who reads too slowly gets everything anew once it reads on, and nothing is piled up for it', async () => {
  const { board } = await servedBoard();
  const viewers = new Viewers(2);
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => {
    responses.push(response);
    viewers.add(response, board.overview());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    viewers.close();
    server.closeAllConnections();
    server.close();
  });
  const events = eventsOf((server.address() as AddressInfo).port, '/', {});
  expect((await events.next()).value?.name).toBe('overview');
  // Nobody asks for the next event: the client reads no more than its buffers take.
  const [response] = responses;
  let looks = 0;
  const look = (): void => {
    looks += 1;
    viewers.looked({ ...board.overview(), takenAt: `${looks}`.padEnd(500_000, '.') });
  };
  await until(
    () => {
      look();
      return (response?.writableLength ?? 0) > 262_144;
    },
    'more waits than buffers take',
    20_000,
  );
  const waiting = response?.writableLength ?? 0;
  // Nothing of these is read meanwhile: all that they could do is pile up.
  for (let count = 0; count < 20; count += 1) look();
  expect(response?.writableLength).toBeLessThanOrEqual(waiting);
  const reading = (async () => {
    const names: string[] = [];
    for await (const { name } of events) {
      names.push(name);
      if (name === 'overview') return names;
    }
    return names;
  })();
  await until(() => {
    look();
    return (response?.writableLength ?? 0) < 262_144;
  }, 'it has read on');
  look();
  const names = await reading;
  expect([names.at(0), names.at(-1)]).toEqual(['change', 'overview']);
  expect(names.length).toBeLessThan(looks);
});

test('[DB4] who is not told apart in time is not let in', async () => {
  const options = resolveOptions({ factory: factoryOf(), authenticate: () => new Promise(() => undefined) });
  const entry = await new Access(options, 50).entryOf(new IncomingMessage(new Socket()));
  expect(entry).toEqual({ isIn: false, status: 503, message: 'it took too long to tell who you are' });
});
