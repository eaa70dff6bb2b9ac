import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Decisions } from '../src/adapters/decisions.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { Manager } from '../src/manager.ts';
import { NEVER, deferred } from './factory-kit.ts';
import { FakePeer } from './fake-peer.ts';
import { type GuardedServer, guardedServer, nothingHeld, socketCount, until, userOf } from './guarded-server.ts';
import { ManualClock } from './manual-clock.ts';
import { type RawClient, TEXT, frame } from './raw-client.ts';

const LEAVINGS = [
  ['a FIN', (client: RawClient) => client.leave('fin')],
  ['a reset', (client: RawClient) => client.leave('rst')],
  [
    'a FIN behind an early frame',
    (client: RawClient) => {
      client.socket.write(frame(TEXT, 'early'));
      client.leave('fin');
    },
  ],
] as const;

async function nothingIsLeft(subject: GuardedServer): Promise<void> {
  await until(() => nothingHeld(subject), 'nothing is held');
  await until(async () => (await socketCount(subject.server)) === 0, 'no socket is left');
  expect(subject.sessions).toEqual([]);
}

test.each(LEAVINGS)('[G7] %s while identify runs leaves nothing, and no manager is made', async (_how, leave) => {
  const gate = deferred();
  const subject = await guardedServer({
    identify: async (request) => {
      await gate.promise;
      return userOf(request);
    },
  });
  const client = await subject.raw();
  client.upgrade('/?user=ada');
  await until(() => subject.guard.pendingCount === 1, 'the upgrade is being decided');
  leave(client);
  await nothingIsLeft(subject);
  gate.resolve();
  // The decision goes on behind the gate, if it does.
  await nextTurn();
  await until(() => nothingHeld(subject), 'nothing is held');
  expect(subject.factory.stats()).toMatchObject({ created: 0, limitHits: 0 });
  expect(subject.factory.stats().refusedByReason).toEqual({});
});

test.each(LEAVINGS)('[G7] %s while identify hangs for ever leaves nothing', async (_how, leave) => {
  const subject = await guardedServer({ identify: () => NEVER, identifyTimeoutMs: false });
  const client = await subject.raw();
  client.upgrade('/');
  await until(() => subject.guard.pendingCount === 1, 'the upgrade is being decided');
  leave(client);
  await nothingIsLeft(subject);
});

test.each(LEAVINGS)('[G27] %s while identify hangs ends its time too', async (_how, leave) => {
  const clock = new ManualClock();
  const subject = await guardedServer({ identify: () => NEVER }, { clock });
  const armedBefore = clock.armed;
  const client = await subject.raw();
  client.upgrade('/');
  await until(() => clock.armed > armedBefore, 'identify has its time');
  leave(client);
  await nothingIsLeft(subject);
  await until(() => clock.armed === armedBefore, 'no timer is left');
});

test('[G27] where raw sockets are somebody else’s, the time of identify ends with its client too', async () => {
  const clock = new ManualClock();
  const factory = createManagerFactory({ clock });
  const request = new IncomingMessage(new Socket());
  const decisions = new Decisions<string>({ factory, identify: () => NEVER }, () => request);
  const { connection } = new FakePeer(factory);
  const answer = decisions.decide('ada', connection);
  expect(clock.armed).toBe(1);
  decisions.left(connection);
  expect(clock.armed).toBe(0);
  expect(await answer).toMatchObject({ admitted: false, reason: 'client-left' });
  await factory.close();
});

test.each(LEAVINGS)('[G7] %s while the attempt waits for an emergency cleanup leaves nothing', async (_how, leave) => {
  const subject = await guardedServer({}, { maxManagersPerUser: 1, heartbeatIntervalMs: 20, heartbeatMisses: 100 });
  const quiet = new FakePeer(subject.factory, { answers: false });
  subject.factory.tryAdmit({ user: 'ada' }, { connection: quiet.connection });
  await until(() => quiet.pings > 0, 'the one who holds the slot is a suspect');
  const client = await subject.raw();
  client.upgrade('/?user=ada');
  await until(() => subject.factory.stats().emergency.running === 1, 'the emergency cleanup runs');
  leave(client);
  await nothingIsLeft(subject);
  expect(subject.factory.stats()).toMatchObject({ created: 1, refusedByReason: { 'client-left': 1 }, limitHits: 0 });
});

test.each(LEAVINGS)('[G7] %s while init runs disposes of the half-built manager at once', async (_how, leave) => {
  const disposed: string[] = [];
  const subject = await guardedServer({
    init: (manager) => {
      manager.defer(() => disposed.push(manager.user));
      return NEVER;
    },
  });
  const client = await subject.raw();
  client.upgrade('/?user=ada');
  await until(() => subject.factory.usage('ada').pending === 1, 'init runs');
  leave(client);
  await until(() => subject.factory.usage('ada').held === 0, 'the slot is free', 500);
  await nothingIsLeft(subject);
  expect(disposed).toEqual(['ada']);
  expect(subject.factory.stats()).toMatchObject({
    released: { byReason: { 'left-during-init': 1 } },
    refusedByReason: { 'client-left': 1 },
  });
});

test.each(LEAVINGS)('[G7] %s between init and the answer to the upgrade is noticed afterwards', async (_how, leave) => {
  const clients: RawClient[] = [];
  let manager: Manager | undefined;
  const subject = await guardedServer({
    init: (initialised) => {
      manager = initialised;
      for (const client of clients) leave(client);
    },
  });
  const client = await subject.raw();
  clients.push(client);
  client.upgrade('/?user=ada');
  await until(() => manager !== undefined, 'init ran');
  await until(() => nothingHeld(subject), 'nothing is held', 1000);
  await until(async () => (await socketCount(subject.server)) === 0, 'no socket is left');
  expect((await manager?.released)?.deadlineMet).toBe(true);
});

test('[G7] a storm of clients that leave at all stages leaves nothing', async () => {
  const gates = new Set<() => void>();
  const pause = (): Promise<void> => new Promise((resolve) => gates.add(resolve));
  const subject = await guardedServer(
    {
      identify: async (request) => {
        await pause();
        return userOf(request);
      },
      init: pause,
    },
    { maxManagersPerUser: 5 },
  );
  const clients = await Promise.all(Array.from({ length: 60 }, () => subject.raw()));
  for (const [index, client] of clients.entries()) client.upgrade(`/?user=user-${index % 4}`);
  await until(() => gates.size === 60, 'all are being identified');
  for (const [index, client] of clients.entries()) {
    if (index % 3 === 0) client.leave(index % 2 === 0 ? 'fin' : 'rst');
  }
  await until(() => subject.guard.pendingCount === 40, 'those who left are gone');
  for (const open of gates) open();
  gates.clear();
  await until(() => subject.factory.stats().pending === 20, 'the limits are full');
  for (const [index, client] of clients.entries()) client.leave(index % 2 === 0 ? 'fin' : 'rst');
  for (const open of gates) open();
  await until(() => nothingHeld(subject), 'nothing is held');
  await until(async () => (await socketCount(subject.server)) === 0, 'no socket is left');
  const { created, released } = subject.factory.stats();
  expect(released.total).toBe(created);
});
