// @ts-check
// From the start of `watertight check` to its verdict on a plain server that keeps one object of every connection.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('leaky.mjs', import.meta.url));
const DEADLINE_MS = 600_000;
/** What the place costs alone: no snapshot, no trial of each ending, no more cycles than convict. */
const QUICK = ['--only', 'rapid-connection-cycles-stress', '--no-trace', '--bail'];
/** Says as well that it is no cache that fills up, nothing that goes late, and after which endings it stays. */
const THOROUGH = ['--only', 'rapid-connection-cycles-stress', '--no-trace', '--timeout', '600000'];
/** `times` of a shell is the only place that tells the processor time of all that was run below. */
const TIMED = ['-c', '"$@"; code=$?; times >&2; exit $code', 'sh'];

/** @import { CheckResult } from 'watertight' */
/**
 * @typedef {object} Verdict
 * @property {string} heap
 * @property {string} command
 * @property {number} heapMegabytes
 * @property {number} wallSeconds
 * @property {number} cpuSeconds of the check and the server together
 * @property {number} cycles
 * @property {number | null} convictedAfterCycles
 * @property {string} place
 * @property {string} defined
 * @property {boolean} isRight
 */

/** `leaky.mjs` itself says on which line the function that makes a session begins, and the constructor of its class. */
const LINES = readFileSync(SERVER, 'utf8').split('\n');
/** @param {string} text */
const lineWith = (text) => LINES.findIndex((line) => line.includes(text)) + 1;

/** @param {{ file: string, line: number } | null | undefined} place */
const said = (place) => (place ? `${place.file}:${place.line}` : 'nowhere');

/**
 * @param {string} cli @param {string} heap @param {number} records @param {readonly string[]} options
 * @returns {Promise<Verdict>}
 */
async function oneVerdict(cli, heap, records, options) {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-bench-verdict-'));
  try {
    const json = join(folder, 'result.json');
    const args = [cli, 'check', ...options, '--json', json, '--', process.execPath, SERVER, String(records)];
    const startedAtMs = performance.now();
    const child = spawn('sh', [...TIMED, process.execPath, ...args], {
      cwd: dirname(SERVER),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const [code] = /** @type {[number | null]} */ (await once(child, 'close'));
    const wallSeconds = (performance.now() - startedAtMs) / 1000;
    if (code !== 1) throw new Error(`the check ended with ${code}: ${output.slice(-600)}`);
    const below = output.trim().split('\n').at(-1) ?? '';
    const cpuSeconds = [...below.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
      (sum, [, m, s]) => sum + 60 * Number(m) + Number(s),
      0,
    );
    const { scenarios } = /** @type {CheckResult} */ (JSON.parse(readFileSync(json, 'utf8')));
    const [cycles] = scenarios;
    const finding = cycles?.findings[0];
    const looks = cycles?.evidence?.looks ?? [];
    const frames = finding?.allocationStack.slice(0, 2) ?? [];
    const wanted = `leaky.mjs:${lineWith("server.on('connection'")}`;
    return {
      heap,
      command: `watertight check ${options.join(' ')}`,
      heapMegabytes: Math.round((looks[0]?.heapUsedBytes ?? 0) / 1e6),
      wallSeconds,
      cpuSeconds,
      cycles: looks.reduce((sum, look) => sum + look.cycles, 0),
      convictedAfterCycles: finding?.convictedAfterCycles ?? null,
      place: frames.map(said).join(' < '),
      defined: `${finding?.name} ${said(finding?.definedAt)}`,
      isRight:
        frames.some((frame) => said(frame) === wanted) &&
        finding?.name === 'LeakedSession' &&
        said(finding.definedAt) === `leaky.mjs:${lineWith('class LeakedSession') + 2}`,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {Verdict} row */
const line = (row) =>
  `| ${row.heap}, ${row.heapMegabytes} MB | \`${row.command}\` | ${row.wallSeconds.toFixed(1)} s | ${row.cpuSeconds.toFixed(1)} s | ${row.cycles} | ${row.convictedAfterCycles} | ${row.place} | ${row.defined} |`;

/**
 * @param {string} cli @param {readonly { heap: string, records: number, maxSeconds: number }[]} heaps
 * @param {{ runs: number, isThorough: boolean }} how
 */
export async function measureVerdicts(cli, heaps, { runs, isThorough }) {
  /** @type {Verdict[]} */
  const rows = [];
  const floors = [];
  for (const { heap, records, maxSeconds } of heaps) {
    for (const options of isThorough ? [QUICK, THOROUGH] : [QUICK]) {
      const all = [];
      for (let run = 0; run < runs; run += 1) {
        process.stderr.write(`${heap}: ${options.join(' ')} …\n`);
        const row = await oneVerdict(cli, heap, records, options);
        process.stderr.write(
          `  ${row.wallSeconds.toFixed(1)} s, ${row.cpuSeconds.toFixed(1)} s CPU, load ${loadavg()[0]?.toFixed(1)}\n`,
        );
        all.push(row);
      }
      const row = /** @type {Verdict} */ (
        all.toSorted((one, other) => one.wallSeconds - other.wallSeconds)[all.length >> 1]
      );
      rows.push(row);
      if (!row.isRight)
        floors.push({ heap, floor: 'the right line and class', value: `${row.place}, ${row.defined}`, met: false });
      if (options === QUICK)
        floors.push({
          heap,
          floor: `≤ ${maxSeconds} s`,
          value: `${row.wallSeconds.toFixed(1)} s`,
          met: row.wallSeconds <= maxSeconds,
        });
    }
  }
  console.log(
    `\n| heap | | wall | CPU | cycles | a leak from cycle | made at | class |\n| --- | --- | --- | --- | --- | --- | --- | --- |`,
  );
  for (const row of rows) console.log(line(row));
  return { rows, floors };
}
