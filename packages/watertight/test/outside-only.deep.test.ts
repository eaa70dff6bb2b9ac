import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { managerCreationLimitEnforcement } from '../src/scenarios/manager-creation-limit-enforcement.ts';
import { rapidConnectionCyclesStress } from '../src/scenarios/rapid-connection-cycles-stress.ts';
import type { Scenario } from '../src/scenarios/types.ts';
import { openUrlTarget } from '../src/target/url.ts';
import { examine, NOTHING_PROMISED, type Examined } from './scenario-bench.ts';

const LIMIT = 20;
const GOODBYE = 'cycles/a-close-frame-is-answered';
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** A server of which only its URL is known. */
async function serve(onConnection: (socket: WebSocket, user: string) => void): Promise<URL> {
  const http: Server = createServer();
  const server = new WebSocketServer({ server: http, allowSynchronousEvents: true });
  server.on('connection', (socket, request) => {
    socket.on('error', () => undefined);
    onConnection(socket, new URL(request.url ?? '', 'ws://x').searchParams.get('user') ?? '');
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  endings.push(async () => {
    for (const client of server.clients) client.terminate();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const address = http.address();
  return new URL(`ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`);
}

/** `isFaulty`: no machine that stood still is an excuse. */
async function examineByUrl(url: URL, scenario: Scenario, limit?: number, isFaulty = false): Promise<Examined> {
  const target = await openUrlTarget(url.href);
  const elsewhere = { ...target, pid: undefined, pids: [] };
  const promises =
    limit === undefined ? NOTHING_PROMISED : { ...NOTHING_PROMISED, limit: { by: 'option' as const, value: limit } };
  return await examine({ target: elsewhere, inside: undefined }, scenario, { promises, cycles: 60, isFaulty });
}

test('[AL6] a place that is free only 100 ms after its socket is gone is raced for again, and one that never is convicts', async () => {
  const limited = (freeAfterMs: number) => {
    const held = new Map<string, number>();
    const timers = new Set<NodeJS.Timeout>();
    endings.push(async () => {
      for (const timer of timers) clearTimeout(timer);
      await Promise.resolve();
    });
    return async () =>
      await serve((socket, user) => {
        const count = held.get(user) ?? 0;
        if (count >= LIMIT) return socket.close(4429, 'too many');
        held.set(user, count + 1);
        socket.on('close', () => {
          if (freeAfterMs === Infinity) return;
          timers.add(setTimeout(() => held.set(user, (held.get(user) ?? 1) - 1), freeAfterMs));
        });
      });
  };
  const late = await examineByUrl(await limited(100)(), managerCreationLimitEnforcement, LIMIT);
  expect(late.violations).toEqual([]);
  const never = await examineByUrl(await limited(Infinity)(), managerCreationLimitEnforcement, LIMIT, true);
  expect(never.violations.map(({ type }) => type)).toContain('limit-undershoot');
});

test('[AL7, AL10] clients see whether a server lets go of them, where nothing else of it is seen', async () => {
  const healthy = await examineByUrl(await serve(() => undefined), rapidConnectionCyclesStress);
  expect(healthy.violations).toEqual([]);
  const step = healthy.steps.find(({ id }) => id === 'cycles/no-socket-is-left');
  expect(step).toMatchObject({ status: 'held' });
  expect(healthy.steps.find(({ id }) => id === GOODBYE)).toMatchObject({
    status: 'held',
    figures: { said: 3, answered: 3, ended: 3 },
  });
  // It answers the close frame of a client and then holds the connection, as with a peer whose FIN never came.
  const kept: Socket[] = [];
  endings.push(async () => {
    for (const raw of kept) Socket.prototype.destroy.call(raw);
    await Promise.resolve();
  });
  const url = await serve((socket) => {
    const raw: unknown = Reflect.get(socket, '_socket');
    if (!(raw instanceof Socket)) return;
    kept.push(raw);
    Object.assign(raw, { end: () => raw, destroy: () => raw });
  });
  const keeping = await examineByUrl(url, rapidConnectionCyclesStress);
  expect(keeping.violations.map(({ type, step: id }) => `${type} ${id}`)).toContain(
    'sockets-left cycles/no-socket-is-left',
  );
  expect(keeping.steps.find(({ id }) => id === GOODBYE)).toMatchObject({
    status: 'broken',
    figures: { said: 3, ended: 0 },
  });
});

test('[AL10] a server that hangs up on a goodbye is told from one that answers it, where only its address is known', async () => {
  const url = await serve((socket) => {
    const raw: unknown = Reflect.get(socket, '_socket');
    if (!(raw instanceof Socket)) return;
    raw.prependListener('data', (chunk: Buffer) => {
      if (((chunk[0] ?? 0) & 0x0f) === 0x08) raw.destroy();
    });
  });
  const { violations } = await examineByUrl(url, rapidConnectionCyclesStress);
  expect(violations.map(({ type, step }) => `${type} ${step}`)).toEqual([`promise-broken ${GOODBYE}`]);
});
