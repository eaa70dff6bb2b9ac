// @ts-check
// What the trace costs beside its peers, on the same snapshots in one run. README.md in the folder above says how to read it.
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../runtime/parts/pairs.mjs';
import { writeHugeSnapshot } from './parts/huge-snapshot.mjs';
import { installPeers } from './parts/peers.mjs';
import { runMeasured } from './parts/run-measured.mjs';
import { measureVerdicts } from './parts/verdict.mjs';

/** @import { Measured } from './parts/run-measured.mjs' */
/** @typedef {{ heap: string, name: string, fileCount: number, runs: readonly Measured[] }} Row */

const CYCLES = '101,67';
/** Records that make 0.23 and 5.7 million nodes. */
const HEAPS = { small: 22_000, large: 700_000 };
/** From start to verdict, in seconds; the small server has nothing on its heap but itself. */
const VERDICT_HEAPS = [
  { heap: 'small', records: 0, maxSeconds: 8 },
  { heap: 'large', records: 700_000, maxSeconds: 25 },
];
/** Files over 2 GiB, and more nodes than a Map of V8 has room for: nothing else here reads such files. */
const HUGE = { records: 14_500_000, minFileBytes: 2 ** 31, minNodes: 17_000_000 };
/** Against memlab's search for leaks over the same three files. */
const MIN_SPEED = 3;
const MAX_MEMORY = 0.4;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '1' },
    verdict: { type: 'boolean', default: false },
    thorough: { type: 'boolean', default: false },
    huge: { type: 'boolean', default: false },
  },
});
/** @param {string} name */
const part = (name) => fileURLToPath(new URL(`parts/${name}`, import.meta.url));
const cli = join(fileURLToPath(new URL('.', import.meta.resolve('watertight'))), 'programs/watertight.js');
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`;

/** @param {string} heap @param {string} folder @param {string} peers @returns {Promise<Row[]>} */
async function measure(heap, folder, peers) {
  const files = [0, 1, 2].map((index) => join(folder, `${index}.heapsnapshot`));
  const [first = '', second = '', third = ''] = files;
  const memlab = join(peers, 'node_modules/memlab/bin/memlab');
  /** @type {[name: string, fileCount: number, args: string[], goodCodes: number[], seen: RegExp][]} */
  const contenders = [
    ['watertight trace', 3, [cli, 'trace', ...files, '--cycles', CYCLES], [1], /\n1 LeakedSession per cycle/],
    [
      'memlab find-leaks, all objects',
      3,
      [memlab, 'find-leaks', '--baseline', first, '--target', second, '--final', third].concat([
        '--leak-filter',
        part('every-object.cjs'),
        '--work-dir',
        join(folder, 'memlab'),
      ]),
      [0],
      /leaks?/i,
    ],
    ['memlab getFullHeapFromFile', 1, [part('memlab-heap.mjs'), peers, third], [0], /\d{5}/],
    ["fuite's heap-snapshot-toolkit", 2, [part('fuite-diff.mjs'), peers, first, third], [0], /\d/],
    ['JSON.parse', 3, [part('json-parse.mjs'), ...files], [0], /\d{5}/],
  ];
  /** @type {Measured[][]} */
  const runs = contenders.map(() => []);
  // In turns: a machine that others use changes its speed within minutes.
  for (let run = 0; run < Number(values.runs); run += 1) {
    for (const [index, [name, , args, goodCodes, seen]] of contenders.entries()) {
      process.stderr.write(`${heap}: ${name} …\n`);
      const measured = await runMeasured(args, goodCodes);
      if (!seen.test(measured.output)) throw new Error(`${name} did not do its work: ${measured.output.slice(-400)}`);
      process.stderr.write(`  ${measured.wallSeconds.toFixed(2)} s, ${Math.round(measured.peakBytes / 1e6)} MB\n`);
      runs[index]?.push(measured);
    }
  }
  return contenders.map(([name, fileCount], index) => ({ heap, name, fileCount, runs: runs[index] ?? [] }));
}

/** @param {Row[]} rows @param {string} heap */
function floors(rows, heap) {
  const ours = rows.find((row) => row.heap === heap && row.name.startsWith('watertight'));
  const theirs = rows.find((row) => row.heap === heap && row.name.startsWith('memlab find-leaks'));
  if (!ours || !theirs) return [];
  const ratio = (/** @type {(own: Measured, other: Measured) => number} */ of) =>
    median(ours.runs.map((own, run) => of(own, /** @type {Measured} */ (theirs.runs[run]))));
  const speed = ratio((own, other) => other.wallSeconds / own.wallSeconds);
  const memory = ratio((own, other) => own.peakBytes / other.peakBytes);
  return [
    { heap, floor: `≥ ${MIN_SPEED} × the speed of memlab`, value: Number(speed.toFixed(2)), met: speed >= MIN_SPEED },
    { heap, floor: `≤ ${MAX_MEMORY} × its memory`, value: Number(memory.toFixed(3)), met: memory <= MAX_MEMORY },
  ];
}

/** @param {Row} row */
const usageOf = ({ runs }) => ({
  wallSeconds: median(runs.map(({ wallSeconds }) => wallSeconds)),
  cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
  peakBytes: median(runs.map(({ peakBytes }) => peakBytes)),
});

/** @param {ReturnType<typeof usageOf> & Omit<Row, 'runs'>} row */
const line = ({ heap, name, fileCount, wallSeconds, cpuSeconds, peakBytes }) =>
  `| ${heap} | ${name} | ${fileCount} | ${wallSeconds.toFixed(2)} s | ${cpuSeconds.toFixed(2)} s | ${Math.round(peakBytes / 1e6)} MB |`;

async function measureTrace() {
  const peers = installPeers();
  const folder = mkdtempSync(join(tmpdir(), 'watertight-bench-detect-'));
  /** @type {Row[]} */
  const rows = [];
  /** @type {{ heap: string, heapMegabytes: number, fileMegabytes: number }[]} */
  const heaps = [];
  try {
    for (const [heap, records] of Object.entries(HEAPS)) {
      if (values.only !== undefined && values.only !== heap) continue;
      const own = join(folder, heap);
      mkdirSync(own);
      process.stderr.write(`${heap}: three snapshots …\n`);
      const { output } = await runMeasured([part('heap.mjs'), own, String(records), CYCLES]);
      const fileMegabytes = Math.round(statSync(join(own, '2.heapsnapshot')).size / 1e6);
      heaps.push({ heap, heapMegabytes: Number(output.trim()), fileMegabytes });
      rows.push(...(await measure(heap, own, peers)));
      rmSync(own, { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const judged = Object.keys(HEAPS).flatMap((heap) => floors(rows, heap));
  console.log(`${machine}; Node.js ${process.version}`);
  for (const { heap, heapMegabytes, fileMegabytes } of heaps)
    console.log(`${heap}: ${heapMegabytes} MB heap, ${fileMegabytes} MB a file`);
  const usages = rows.map((row) => ({ heap: row.heap, name: row.name, fileCount: row.fileCount, ...usageOf(row) }));
  console.log(
    `\n| heap | | files | wall | CPU | peak memory |\n| --- | --- | --- | --- | --- | --- |\n${usages.map(line).join('\n')}\n`,
  );
  for (const { heap, floor, value, met } of judged)
    console.log(`${heap}: ${floor}: ${value} ${met ? 'met' : 'MISSED'}`);
  write('latest.json', { heaps, rows: usages, floors: judged });
  return judged;
}

async function measureVerdict() {
  const heaps = VERDICT_HEAPS.filter(({ heap }) => values.only === undefined || values.only === heap);
  const { rows, floors: judged } = await measureVerdicts(cli, heaps, {
    runs: Number(values.runs),
    isThorough: values.thorough,
  });
  for (const { heap, floor, value, met } of judged)
    console.log(`${heap}: ${floor}: ${value} ${met ? 'met' : 'MISSED'}`);
  write('verdict.json', { rows, floors: judged });
  return judged;
}

async function measureHuge() {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-bench-huge-'));
  try {
    const [first = 0, second = 0] = CYCLES.split(',').map(Number);
    const files = [0, first, first + second].map((sessions, index) => {
      const file = join(folder, `${index}.heapsnapshot`);
      process.stderr.write(`writing ${file} …\n`);
      const nodes = writeHugeSnapshot(file, { records: HUGE.records, sessions });
      return { file, nodes, bytes: statSync(file).size };
    });
    const [{ bytes, nodes } = { bytes: 0, nodes: 0 }] = files;
    if (bytes < HUGE.minFileBytes || nodes < HUGE.minNodes) throw new Error(`${bytes} bytes, ${nodes} nodes`);
    const args = [cli, 'trace', ...files.map(({ file }) => file), '--cycles', CYCLES];
    const { output, ...usage } = await runMeasured(args, [1]);
    if (!/\n1 LeakedSession per cycle/.test(output)) throw new Error(`the leak was not found: ${output.slice(-400)}`);
    const { wallSeconds, cpuSeconds, peakBytes } = usage;
    console.log(`${machine}; Node.js ${process.version}; load ${loadavg()[0]?.toFixed(1)}`);
    console.log(
      `three files of ${(bytes / 2 ** 30).toFixed(2)} GiB and ${(nodes / 1e6).toFixed(1)} million nodes each: ` +
        `${wallSeconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s CPU, ${Math.round(peakBytes / 1e6)} MB`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  return [];
}

/** @param {string} file @param {object} record */
function write(file, record) {
  const results = new URL('results/', import.meta.url);
  mkdirSync(results, { recursive: true });
  const about = { takenAt: new Date().toISOString(), machine, node: process.version };
  writeFileSync(new URL(file, results), `${JSON.stringify({ ...about, ...record }, undefined, 2)}\n`);
}

const judged = await (values.huge ? measureHuge() : values.verdict ? measureVerdict() : measureTrace());
process.exitCode = judged.every(({ met }) => met) ? 0 : 1;
