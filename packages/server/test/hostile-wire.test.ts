import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { WatertightError } from '../src/errors.ts';
import { atEnd, recordEvents } from './factory-kit.ts';
import { guardedServer, until } from './guarded-server.ts';
import { Relay } from './relay.ts';
import { RunClock } from './run-clock.ts';
import { PACKAGE } from './examples.ts';

const INTERVAL_MS = 300;
const HEARTBEAT = { heartbeatIntervalMs: INTERVAL_MS, heartbeatMisses: 2 };

async function clientThrough(port: number, user: string): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/?user=${user}`);
  client.on('error', () => undefined);
  atEnd(() => client.terminate());
  await once(client, 'open');
  return client;
}

test('[L12] behind a wire that delays and those that trickle up or down living clients stay; behind one that goes deaf they are reset in time', async () => {
  const served = await guardedServer({}, HEARTBEAT);
  const [late, trickling, spelling, deaf] = await Promise.all([1, 2, 3, 4].map(() => Relay.before(served.port)));
  if (late === undefined || trickling === undefined || spelling === undefined || deaf === undefined)
    throw new Error('no relays');
  await clientThrough(late.port, 'late');
  await clientThrough(trickling.port, 'trickling');
  const spelled = await clientThrough(spelling.port, 'spelling');
  await clientThrough(deaf.port, 'deaf');
  late.delayMs = INTERVAL_MS / 2;
  trickling.trickleUpMs = 20;
  // A ping is two bytes.
  spelling.trickleDownMs = INTERVAL_MS / 4;
  let spelledPings = 0;
  spelled.on('ping', () => (spelledPings += 1));
  const [session] = served.sessions.filter(({ manager }) => manager.user === 'deaf');
  deaf.isDeaf = true;
  const [deafAtMs, clock] = [performance.now(), new RunClock()];
  const report = await session?.manager.released;
  expect(report?.reason).toBe('silent');
  expect(report?.socketGoneMs).toBeLessThan(500 + clock.heldUpMs());
  expect(clock.ranMs()).toBeLessThan(INTERVAL_MS * 3 + 500);
  await until(() => performance.now() - deafAtMs > INTERVAL_MS * 8, 'eight intervals have passed');
  const staying = ['late', 'trickling', 'spelling'];
  expect(staying.filter((user) => served.factory.usage(user).active === 1)).toEqual(staying);
  expect(spelledPings).toBeGreaterThan(1);
});

test('[L12] a large message that trickles in is life, although no message of it has arrived', async () => {
  const served = await guardedServer({}, HEARTBEAT);
  const relay = await Relay.before(served.port);
  const client = await clientThrough(relay.port, 'ada');
  relay.trickleUpMs = 10;
  // Pings reach the client, and its answers wait behind the message.
  client.send(Buffer.alloc(200));
  const beganAtMs = performance.now();
  await once(client, 'message');
  expect(performance.now() - beganAtMs).toBeGreaterThan(INTERVAL_MS * 4);
  expect(served.factory.stats()).toMatchObject({ active: 1, released: { total: 0 } });
});

/** Servers of its own that can be stopped: one ends who is idle, the other does not. Says their ports, then what became of their managers. */
const STOPPABLE = `
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { guard } from '@watertight/server/ws';
import { WebSocketServer } from 'ws';
const served = await Promise.all([${INTERVAL_MS * 4}, false].map(async (idleTimeoutMs) => {
  const server = createServer();
  const factory = createManagerFactory({ heartbeatIntervalMs: ${INTERVAL_MS}, idleTimeoutMs });
  guard(server, new WebSocketServer({ noServer: true }), { factory, identify: () => 'ada' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { factory, port: server.address().port };
}));
process.on('SIGUSR2', () => console.log(JSON.stringify(served.map(({ factory }) => {
  const { active, liveness, released } = factory.stats();
  return { active, heldUp: liveness.heldUp, asked: liveness.asked, released: released.byReason };
}))));
console.log(JSON.stringify(served.map(({ port }) => port)));
`;

async function startStoppable(): Promise<{ child: ChildProcess; line: () => Promise<string> }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', STOPPABLE], {
    cwd: PACKAGE,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  atEnd(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const lines = createInterface(child.stdout);
  const line = async (): Promise<string> => ((await once(lines, 'line')) as [string])[0];
  return { child, line };
}

interface AfterStop {
  readonly active: number;
  readonly heldUp: number;
  readonly asked: number;
  readonly released: Readonly<Record<string, number>>;
}

/** What a server says after a stop, and for how long at most nothing was said to it by those who talk. */
async function talkThroughStop(): Promise<{ readonly all: readonly AfterStop[]; readonly quietForMs: number }> {
  const { child, line } = await startStoppable();
  const [port = 0, quietPort = 0] = JSON.parse(await line()) as number[];
  const clients = await Promise.all(Array.from({ length: 10 }, () => clientThrough(port, 'ada')));
  await Promise.all(clients.map(() => clientThrough(quietPort, 'ada')));
  let [saidAtMs, quietForMs] = [performance.now(), 0];
  const talk = (): void => {
    clients.forEach((client) => client.send('here'));
    quietForMs = Math.max(quietForMs, performance.now() - saidAtMs);
    saidAtMs = performance.now();
  };
  const talking = setInterval(talk, INTERVAL_MS / 2);
  atEnd(() => clearInterval(talking));
  child.kill('SIGSTOP');
  const stoppedAtMs = performance.now();
  await until(() => performance.now() - stoppedAtMs > INTERVAL_MS * 8, 'eight intervals have passed');
  child.kill('SIGCONT');
  const goesOnAtMs = performance.now();
  await until(() => performance.now() - goesOnAtMs > INTERVAL_MS * 4, 'four intervals have passed');
  const told = line();
  child.kill('SIGUSR2');
  return { all: JSON.parse(await told) as readonly AfterStop[], quietForMs };
}

test('[L12] a process that was stopped for many intervals finds nobody silent or idle when it goes on: neither who talks nor who only answers', async () => {
  let seen = await talkThroughStop();
  // Who was kept from talking, by a machine that was busy elsewhere, was idle.
  for (let more = 3; more > 0 && seen.quietForMs > INTERVAL_MS * 3; more -= 1) seen = await talkThroughStop();
  expect(seen.quietForMs).toBeLessThan(INTERVAL_MS * 3);
  expect(seen.all.map(({ active, released }) => ({ active, released }))).toEqual([
    { active: 10, released: {} },
    { active: 10, released: {} },
  ]);
  for (const { heldUp } of seen.all) expect(heldUp).toBeGreaterThan(0);
  expect(seen.all[1]?.asked).toBeGreaterThanOrEqual(10);
});

test('[U5] over the wire: frames for a client that does not read are dropped beyond the bound and others are sent', async () => {
  const served = await guardedServer({}, { maxBufferedBytes: 1_000_000, onSlowConsumer: 'drop' });
  const events = recordEvents(['watertight:consumer:slow', 'watertight:consumer:recovered']);
  const slow = await served.client('slow');
  const quick = await served.client('quick');
  slow.pause();
  const [session] = served.sessions;
  const errors: unknown[] = [];
  const frame = Buffer.alloc(100_000);
  let sent = 0;
  await until(() => {
    session?.webSocket.send(frame, (error?: Error | null) => (error instanceof Error ? errors.push(error) : undefined));
    sent += 1;
    return errors.length >= 10;
  }, 'ten frames were dropped');
  expect(session?.webSocket.bufferedAmount).toBeLessThanOrEqual(1_000_000 + 10 * sent);
  expect(errors.every((error) => error instanceof WatertightError && error.code === 'WATERTIGHT_E_SLOW_CONSUMER')).toBe(
    true,
  );
  quick.send('there?');
  await once(quick, 'message');
  expect(served.factory.stats()).toMatchObject({ active: 2, slowConsumers: { now: 1, terminated: 0 } });
  slow.resume();
  await until(() => events.length === 2, 'it has recovered');
  expect(events.map(({ payload }) => payload['user'])).toEqual(['slow', 'slow']);
});

test('[U5] over the wire: a client that does not read is reset at the bound', async () => {
  const served = await guardedServer({}, { maxBufferedBytes: 1_000_000 });
  const slow = await served.client('slow');
  slow.pause();
  const [session] = served.sessions;
  await until(() => {
    session?.webSocket.send(Buffer.alloc(100_000));
    return session?.manager.state === 'closed';
  }, 'it is gone');
  expect(await session?.manager.released).toMatchObject({ reason: 'slow-consumer', deadlineMet: true });
});

test('[U5] over the wire: a send that a WebSocket has of its own is the one that is bounded', async () => {
  const served = await guardedServer({}, { maxBufferedBytes: 1_000, onSlowConsumer: 'drop' });
  const sent: number[] = [];
  class Counting extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      const send = this.send.bind(this) as (...all: unknown[]) => void;
      this.send = (data: Buffer, ...more: unknown[]) => {
        sent.push(data.length);
        send(data, ...more);
      };
    }
  }
  served.wss.options.WebSocket = Counting as typeof served.wss.options.WebSocket;
  const client = await served.client('ada');
  const [session] = served.sessions;
  session?.webSocket.send(Buffer.alloc(5));
  session?.webSocket.send(Buffer.alloc(2_000));
  await once(client, 'message');
  expect(sent).toEqual([5]);
  expect(served.factory.stats().slowConsumers.framesDropped).toBe(1);
});

test('[U8] without a bound send is what it was', async () => {
  const served = await guardedServer();
  await served.client('ada');
  expect(Object.hasOwn(served.sessions[0]?.webSocket ?? {}, 'send')).toBe(false);
});

test('[U7] the gauges of Node are read: a heap and a loop that are over their limits overload the process', async () => {
  const heap = await guardedServer({}, { maxHeapBytes: 1_000_000, pressureIntervalMs: 20 });
  await until(() => heap.factory.stats().pressure.state === 'overloaded', 'the heap is full');
  const loop = await guardedServer({}, { maxEventLoopDelayMs: 20, pressureIntervalMs: 200 });
  expect(loop.factory.stats().pressure.state).toBe('normal');
  await until(() => {
    const beganAtMs = performance.now();
    while (performance.now() - beganAtMs < 60);
    return loop.factory.stats().pressure.state === 'overloaded';
  }, 'the loop is late');
  expect(loop.factory.tryAdmit({ user: 'ada' })).toMatchObject({ reason: 'overloaded' });
});
