import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { PACKAGE } from './examples.ts';
import { atEnd } from './factory-kit.ts';
import { guardedServer, until } from './guarded-server.ts';

/** `npm run test:long` takes ten thousand. */
const SOCKETS = process.env['LONG'] === undefined ? 500 : 10_000;
const MUTE = SOCKETS / 10;
const INTERVAL_MS = 3000;

/** Clients in a process of their own, from several addresses; a tenth of them never answers a ping. */
const CLIENTS = `
import { once } from 'node:events';
import WebSocket from 'ws';
const [port, count, mute] = process.argv.slice(1).map(Number);
const all = [];
for (let first = 0; first < count; first += 100) {
  await Promise.all(Array.from({ length: Math.min(100, count - first) }, async (_, index) => {
    const number = first + index;
    const socket = new WebSocket('ws://127.0.0.1:' + port + '/?user=user-' + (number < mute ? 'mute' : number % 500), {
      autoPong: number >= mute, localAddress: '127.0.0.' + (2 + number % 16), perMessageDeflate: false });
    socket.on('error', () => undefined);
    await once(socket, 'open');
    all.push(socket);
  }));
}
console.log('connected');
`;

test(`[L9] over the wire: of ${SOCKETS} sockets those that answer stay, those that do not go in time, in slices`, async () => {
  const served = await guardedServer(
    {},
    { maxManagersPerUser: false, heartbeatIntervalMs: INTERVAL_MS, maxClosingPerUser: false },
  );
  const args = [served.port, SOCKETS, MUTE].map(String);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', CLIENTS, ...args], {
    cwd: PACKAGE,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  atEnd(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await once(createInterface(child.stdout), 'line');
  const connectedAtMs = performance.now();
  await until(
    () => performance.now() - connectedAtMs > INTERVAL_MS * 5,
    'five intervals have passed',
    INTERVAL_MS * 10,
  );
  const { active, released, liveness } = served.factory.stats();
  process.stdout.write(
    `${SOCKETS} sockets: ${liveness.asked} asked, longest slice ${liveness.longestSliceMs.toFixed(1)} ms, ` +
      `loop held up ${liveness.heldUp} times, at most ${Math.round(liveness.longestHeldUpMs)} ms\n`,
  );
  expect({ active, released: released.byReason }).toEqual({ active: SOCKETS - MUTE, released: { silent: MUTE } });
  // A slice is 5 ms and one heartbeat; what the system and the garbage collector take away in it is not ours to bound.
  expect(liveness.longestSliceMs).toBeLessThan(100);
}, 300_000);
