// What an examination costs its target. `npm run bench:harm`; `-- --quick` for the small heap alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { openInsideView } from '../../packages/watertight/dist/inspector/open.js';

const TICK_MS = 10;
const ROUNDS = 3;
const CONNECTIONS = 1_000;
const HEAPS = process.argv.includes('--quick') ? [0] : [0, 22_000, 705_000];
const LOOKS = [
  ['survivors', { classes: false, collections: false }],
  ['+ classes, timers, listeners', { classes: true, collections: false }],
  ['+ collections', { classes: true, collections: true }],
];
const INTERVALS = [undefined, 32_768, 512, 1];

/** @param {number} records */
async function startTarget(records) {
  const file = fileURLToPath(new URL('server.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--inspect-port=0', file, String(records)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [port] = /** @type {[Buffer]} */ (await once(child.stdout, 'data'));
  const pid = child.pid ?? 0;
  return { child, pid, url: `ws://127.0.0.1:${port.toString().trim()}` };
}

/** CPU of the main thread: while it works on a look it answers nobody. @param {number} pid */
function mainThreadMs(pid) {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** All threads, those of the garbage collector included. @param {number} pid */
function processMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** @param {number} pid */
function residentMb(pid) {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024);
}

/** @param {string} url @param {number} count */
async function connectAndClose(url, count) {
  for (let number = 0; number < count; number += 1) {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, 'open');
    socket.send('hello');
    await once(socket, 'message');
    socket.close();
    await once(socket, 'close');
  }
}

/** @param {number[]} values */
const median = (values) => values.toSorted((one, two) => one - two)[Math.floor(values.length / 2)] ?? 0;

/** @param {number} records */
async function measureLooks(records) {
  const { child, pid, url } = await startTarget(records);
  const view = await openInsideView(pid, { timeoutMs: 20_000 });
  await connectAndClose(url, 50);
  const examination = await view.examineHeap();
  const rows = [];
  for (const [name, options] of LOOKS) {
    const beforeMb = residentMb(pid);
    const main = [];
    const all = [];
    const wall = [];
    let heapMb = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedMs = [mainThreadMs(pid), processMs(pid), performance.now()];
      const look = await examination.look(options);
      main.push(mainThreadMs(pid) - (startedMs[0] ?? 0));
      all.push(processMs(pid) - (startedMs[1] ?? 0));
      wall.push(Math.round(performance.now() - (startedMs[2] ?? 0)));
      heapMb = look.memory.heapUsedBytes / 2 ** 20;
    }
    rows.push({
      'heap MB': heapMb.toFixed(1),
      look: name,
      'main thread ms': median(main),
      'all threads ms': median(all),
      'wall ms': median(wall),
      'resident + MB': residentMb(pid) - beforeMb,
    });
  }
  await examination.close();
  await view.close();
  child.kill('SIGKILL');
  return rows;
}

/** @param {number} records */
async function measureSampling(records) {
  const { child, pid, url } = await startTarget(records);
  const view = await openInsideView(pid, { timeoutMs: 20_000 });
  await connectAndClose(url, CONNECTIONS);
  const figures = new Map(INTERVALS.map((interval) => [interval, /** @type {number[]} */ ([])]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const samplingIntervalBytes of INTERVALS) {
      const examination = samplingIntervalBytes ? await view.examineHeap({ samplingIntervalBytes }) : undefined;
      const startedMs = processMs(pid);
      await connectAndClose(url, CONNECTIONS);
      figures.get(samplingIntervalBytes)?.push(((processMs(pid) - startedMs) * 1_000) / CONNECTIONS);
      await examination?.close();
    }
  }
  await view.close();
  child.kill('SIGKILL');
  return INTERVALS.map((interval) => ({
    records,
    'sampled every': interval === undefined ? 'off' : `${interval} B`,
    'µs CPU per connection': median(figures.get(interval) ?? []),
  }));
}

for (const records of HEAPS) console.table(await measureLooks(records));
for (const records of HEAPS.slice(0, 1)) console.table(await measureSampling(records));
