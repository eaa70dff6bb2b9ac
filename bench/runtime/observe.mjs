// @ts-check
// What `watertight observe` costs a busy server: its sampling, by how dense it is, and its looks, by how large the heap is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printRows, Rows } from './parts/rows.mjs';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const COMMAND = fileURLToPath(new URL('dist/programs/watertight.js', import.meta.resolve('watertight/package.json')));
const INSPECTED = ['--inspect-port=0'];
const SAMPLES_BYTES = [524_288, 65_536, 8_192];
const HEAPS_MB = values.quick ? [0, 100] : [0, 100, 400];
const DEFAULT_WINDOW_S = 300;
const FLOOR = 1.02;
/** Batches until what a collection took away is there again. */
const SETTLING_BATCHES = 6;
const batch = values.quick ? 500 : 1000;

/** @param {number} pid @param {readonly string[]} options */
function observe(pid, options) {
  const args = [COMMAND, 'observe', String(pid), '--json', ...options];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Its looks, one a second, and what they came to. @param {number} pid */
async function looksOf(pid) {
  const child = observe(pid, ['--window', '1s', '--max-share', '50', '--max-stop', '60000', '--for', '8s']);
  let summary = { lookCount: 0, stoppedMs: 0, longestStopMs: 0 };
  let heapBytes = 0;
  for await (const line of createInterface(child.stdout)) {
    const told = /** @type {typeof summary & { readonly type: string, readonly heapUsedBytes: number }} */ (
      JSON.parse(line)
    );
    if (told.type === 'look') heapBytes = told.heapUsedBytes;
    if (told.type === 'summary') summary = told;
  }
  return { ...summary, heapBytes };
}

const bench = await Rows.start({ rounds: values.quick ? 3 : 15, warmUps: 1 });
const { client } = bench;
/** @type {import('node:child_process').ChildProcess | undefined} */
let observer;
let isMet = true;

/** Resolves when it is there and its first look is over; the next one is a day away. @param {number} pid @param {number} bytes */
async function beginToObserve(pid, bytes) {
  const child = observe(pid, ['--window', '24h', '--sample', String(bytes)]);
  observer = child;
  for await (const line of createInterface(child.stdout)) if (line.includes('"type":"look"')) break;
}

async function endObserving() {
  const child = observer;
  observer = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGINT');
  await gone;
}

try {
  const off = await bench.serve('not observed', ['guarded'], INSPECTED);
  const { child } = off;
  for (const bytes of SAMPLES_BYTES) {
    // In one process: two processes of the same code differ by more than is looked for.
    const on = { ...off, name: `observed, a sample each ${bytes / 1024} KB` };
    const justNow = { ...off, name: 'right after a look' };
    /** @param {import('./parts/rows.mjs').Row} row */
    const work = ({ port }) => client.ask('cycles', { port, count: batch });
    const taken = await bench.measure([off, on, justNow], batch, work, async (row) => {
      if (row !== on) await endObserving();
      if (row !== off && observer === undefined) await beginToObserve(child.pid, bytes);
      // A collection takes away compiled code, which the next connections pay for; that is not the sampling.
      if (row !== justNow) for (let count = 0; count < SETTLING_BATCHES; count += 1) await work(row);
    });
    await endObserving();
    // The first is the default; the others are what one may choose.
    const isDefault = bytes === SAMPLES_BYTES[0];
    isMet = printRows('connect + close', taken.slice(0, 2), isDefault ? FLOOR : undefined) && isMet;
    printRows(`the first ${batch} connections after a look`, taken.toSpliced(1, 1));
  }

  console.log('\nlooks');
  for (const megabytes of HEAPS_MB) {
    await child.ask('fill', { megabytes });
    const { lookCount, stoppedMs, longestStopMs, heapBytes } = await looksOf(child.pid);
    const eachMs = stoppedMs / lookCount;
    const heap = `${Math.round(heapBytes / 2 ** 20)} MB`.padStart(7);
    const share = ((eachMs / 1000 / DEFAULT_WINDOW_S) * 100).toFixed(3);
    console.log(
      `  a look at a heap of ${heap}: ${eachMs.toFixed(0)} ms, ${longestStopMs.toFixed(0)} at most, of ${lookCount} looks; one each 5 minutes: ${share} % of the time`,
    );
  }
} finally {
  await endObserving();
  await bench.end();
}
process.exitCode = isMet ? 0 : 1;
