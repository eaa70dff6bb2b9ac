// @ts-check
// What a limit across nodes costs. README.md in the folder above says how to read it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { redisQuota } from '@watertight/server/redis';
import { fill, renewAll } from './parts/leases.mjs';
import { connect, cpuUs, startRedis, usedBytes } from './parts/redis.mjs';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true, default: [] } },
});
const { quick } = values;
/** A renewal of everything comes this often. */
const RENEW_INTERVAL_MS = 10_000;
/** Of three renewals one also says how long the keys are kept. */
const ROUND = [true, false, false];

/** @typedef {{ perSecond: number, p50Ms: number, p99Ms: number, cpuUs: number }} Run */
/** @typedef {{ measured: string, figure: string, floor: string, met: boolean | null, value: number }} Row */
/** @type {Row[]} */
const rows = [];
/** @param {string} measured @param {string} figure @param {number} value @param {string} floor @param {boolean | null} met */
function add(measured, figure, value, floor = '', met = null) {
  rows.push({ measured, figure, value, floor, met });
  console.log(
    `${measured.padEnd(52)} ${figure.padEnd(74)} ${floor.padEnd(9)} ${met === null ? '' : met ? 'met' : 'MISSED'}`,
  );
}

/** @type {readonly ('bare' | 'quota')[]} */
const ORDER = ['bare', 'quota'];

/** @param {number[]} numbers */
const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/**
 * So many processes, each with a client and a factory with a quota of its own.
 * @param {{ readonly port: number }} redis @param {number} count
 */
async function startClients({ port }, count) {
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = [];
  for (let index = 0; index < count; index += 1) {
    const child = fork(fileURLToPath(new URL('parts/client.mjs', import.meta.url)), [String(port), String(index)]);
    await once(child, 'message');
    children.push(child);
  }
  return children;
}

/**
 * So many admissions and releases by each process, at the same time.
 * @param {Awaited<ReturnType<typeof startRedis>>} redis @param {readonly import('node:child_process').ChildProcess[]} children
 * @param {'bare' | 'quota'} kind @param {number} pairs
 */
async function runAll(redis, children, kind, pairs) {
  const before = await cpuUs(redis.admin);
  const results = await Promise.all(
    children.map(async (child) => {
      child.send({ kind, pairs });
      const [result] = /** @type {[Run]} */ (await once(child, 'message'));
      return result;
    }),
  );
  const redisUs = ((await cpuUs(redis.admin)) - before) / (pairs * children.length * 2);
  return {
    perSecond: results.reduce((sum, one) => sum + one.perSecond, 0),
    p50Ms: median(results.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...results.map(({ p99Ms }) => p99Ms)),
    cpuUs: median(results.map((one) => one.cpuUs)),
    redisUs,
  };
}

/** @param {readonly Awaited<ReturnType<typeof runAll>>[]} runs */
function told(runs) {
  const of = (/** @type {'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuUs' | 'redisUs'} */ figure) =>
    median(runs.map((one) => one[figure]));
  return `${Math.round(of('perSecond'))} pairs/s, p50 ${of('p50Ms').toFixed(2)} ms, p99 ${of('p99Ms').toFixed(2)} ms, client ${of('cpuUs').toFixed(1)} µs/pair, Redis ${of('redisUs').toFixed(1)} µs/op`;
}

const MEASUREMENTS = {
  speed: async () => {
    for (const processes of [1, 4]) {
      const redis = await startRedis();
      const children = await startClients(redis, processes);
      const pairs = Math.round((quick ? 4000 : 20_000) / Math.sqrt(processes));
      const run = (/** @type {'bare' | 'quota'} */ kind) => runAll(redis, children, kind, pairs);
      await run('bare');
      await run('quota');
      const taken = { bare: [await run('bare')].slice(1), quota: [await run('quota')].slice(1) };
      for (let round = 0; round < (quick ? 3 : 9); round += 1)
        for (const kind of round % 2 === 0 ? ORDER : ORDER.toReversed()) taken[kind].push(await run(kind));
      const ratio = median(
        taken.quota.map((one, index) => one.perSecond / (taken.bare[index]?.perSecond ?? Number.NaN)),
      );
      const name = `${processes} process${processes === 1 ? '' : 'es'}, 64 in flight`;
      for (const kind of ORDER)
        add(`${name}: ${kind}`, told(taken[kind]), median(taken[kind].map(({ perSecond }) => perSecond)));
      add(`${name}: quota against bare`, `× ${ratio.toFixed(3)}`, ratio, '≥ 0.85', ratio >= 0.85);
      for (const child of children) child.disconnect();
      await redis.stop();
    }
  },
  growth: async () => {
    const cases = [[1000, 1], [100_000, 1], [100_000, 10], [100_000, 100], ...(quick ? [] : [[1_000_000, 1]])];
    for (const [leases = 0, nodes = 1] of cases) {
      const redis = await startRedis();
      const client = await connect(redis.port);
      const { store } = redisQuota({ client, commandTimeoutMs: 5000 });
      await fill(store, 1, 1);
      const bytesBefore = await usedBytes(redis.admin);
      await fill(store, leases / 2, 2, nodes);
      const bytes = ((await usedBytes(redis.admin)) - bytesBefore) / leases;
      const children = await startClients(redis, 1);
      const pairs = quick ? 4000 : 20_000;
      await runAll(redis, children, 'quota', pairs);
      const runs = [];
      for (let round = 0; round < (quick ? 3 : 5); round += 1) runs.push(await runAll(redis, children, 'quota', pairs));
      add(
        `beside ${leases} leases of ${nodes} node${nodes === 1 ? '' : 's'}`,
        `${told(runs)}; ${bytes.toFixed(0)} B a lease`,
        median(runs.map(({ perSecond }) => perSecond)),
      );
      for (const child of children) child.disconnect();
      client.disconnect();
      await redis.stop();
    }
  },
  memory: async () => {
    for (const [perUser, most] of /** @type {const} */ ([
      [1, 200],
      [4, 110],
      [20, 50],
    ])) {
      const redis = await startRedis();
      const client = await connect(redis.port);
      const { store } = redisQuota({ client, commandTimeoutMs: 5000 });
      const users = Math.round(100_000 / perUser);
      await fill(store, 1, 1);
      const before = await usedBytes(redis.admin);
      await fill(store, users, perUser);
      const bytes = ((await usedBytes(redis.admin)) - before) / (users * perUser);
      add(`bytes a lease, ${perUser} a user`, `${bytes.toFixed(0)} B`, bytes, `≤ ${most} B`, bytes <= most);
      client.disconnect();
      await redis.stop();
    }
  },
  renewal: async () => {
    const sizes = quick ? [1000, 100_000] : [1000, 10_000, 100_000];
    const cases = [
      ...sizes.map((leases) => ({ leases, perUser: 2, nodes: 1 })),
      { leases: 100_000, perUser: 1, nodes: 1 },
      { leases: 100_000, perUser: 20, nodes: 1 },
      { leases: 100_000, perUser: 2, nodes: 10 },
      { leases: 100_000, perUser: 2, nodes: 100 },
      { leases: 100_000, perUser: 20, nodes: 100 },
      ...(quick ? [] : [{ leases: 1_000_000, perUser: 2, nodes: 1 }]),
    ];
    for (const { leases, perUser, nodes } of cases) {
      const redis = await startRedis();
      const client = await connect(redis.port);
      const { store } = redisQuota({ client, commandTimeoutMs: 5000 });
      const users = leases / perUser;
      await fill(store, 1, 1);
      const bytesBefore = await usedBytes(redis.admin);
      await fill(store, users, perUser, nodes);
      const bytes = ((await usedBytes(redis.admin)) - bytesBefore) / leases;
      await renewAll(store, users, perUser, nodes, true);
      const shares = [];
      for (let round = 0; round < (leases > 100_000 || quick ? 1 : 3); round += 1) {
        const before = await cpuUs(redis.admin);
        for (const prolong of ROUND) await renewAll(store, users, perUser, nodes, prolong);
        shares.push(((await cpuUs(redis.admin)) - before) / ROUND.length / (RENEW_INTERVAL_MS * 1000));
      }
      const share = median(shares);
      const isFloor = leases === 100_000 && nodes === 1 && perUser === 2;
      const eachUs = (share * RENEW_INTERVAL_MS * 1000) / leases;
      add(
        `renewing ${leases} leases, ${perUser} a user, ${nodes} node${nodes === 1 ? '' : 's'}`,
        `${(share * 100).toFixed(2)} % of one Redis core at one renewal in 10 s; ${eachUs.toFixed(2)} µs and ${bytes.toFixed(0)} B a lease`,
        share,
        isFloor ? '≤ 7 %' : '',
        isFloor ? share <= 0.07 : null,
      );
      client.disconnect();
      await redis.stop();
    }
  },
};

for (const name of values.only) {
  if (!Object.hasOwn(MEASUREMENTS, name)) {
    console.error(`--only ${name}: known are ${Object.keys(MEASUREMENTS).join(', ')}`);
    process.exit(2);
  }
}
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`;
console.log(`${machine}; Node.js ${process.version}${quick ? '; quick: rough figures' : ''}\n`);
for (const [name, measure] of Object.entries(MEASUREMENTS))
  if (values.only.length === 0 || values.only.includes(name)) await measure();

const folder = new URL('results/', import.meta.url);
mkdirSync(folder, { recursive: true });
const record = { takenAt: new Date().toISOString(), machine, node: process.version, quick, rows };
writeFileSync(new URL('latest.json', folder), `${JSON.stringify(record, null, 2)}\n`);
process.exitCode = rows.some(({ met }) => met === false) ? 1 : 0;
