// @ts-check
// One process that takes and gives back leases, 64 at a time: through a factory, or by the bare scripts through the same client.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createManagerFactory } from '@watertight/server';
import { redisQuota } from '@watertight/server/redis';
import { connect } from './redis.mjs';

const IN_FLIGHT = 64;
const USERS = 5000;
const port = Number(process.argv[2]);
const own = process.argv[3] ?? '0';

const client = await connect(port);
const spy = await connect(port);
/** The scripts as the quota sends them: heard once, then repeated by hand. */
const heard = /** @type {string[][]} */ ([]);
const listening = {
  options: spy.options,
  /** @param {string} name @param {string[]} args */
  call: (name, args) => {
    heard.push([name, ...args]);
    return spy.call(name, args);
  },
  /** @param {string} event @param {(...args: unknown[]) => void} listener */
  on: (event, listener) => spy.on(event, listener),
  /** @param {string} event @param {(...args: unknown[]) => void} listener */
  off: (event, listener) => spy.off(event, listener),
};
const terms = { commandTimeoutMs: 5000, prefix: 'bench:' };
const factory = createManagerFactory({ quota: redisQuota({ client, ...terms }), emergencyThreshold: false });
factory.start();
const teacher = createManagerFactory({ quota: redisQuota({ client: listening, ...terms }), emergencyThreshold: false });
teacher.start();
const lesson = await teacher.admit({ user: `${own}-lesson` }, { withoutConnection: true });
if (!lesson.admitted) throw new Error(lesson.message);
await lesson.manager.close();
await teacher.close();
const evals = heard.filter(([name]) => name === 'EVALSHA');
const acquire = evals.find((args) => args[2] === '4' && args.length > 12) ?? [];
const release = evals.find((args) => args[2] === '1' && args[4] === '0') ?? [];
if (acquire.length === 0 || release.length === 0) throw new Error('the scripts were not heard');

/** @param {string} user */
function keysOf(user) {
  const base = `bench:{${createHash('sha256').update(user).digest('base64url').slice(0, 16)}}:`;
  return { acquire: ['l', 'c', 'o', 'g'].map((one) => base + one), release: `${base}l` };
}
const users = Array.from({ length: USERS }, (_, index) => `${own}-user-${index}`);
const keys = users.map(keysOf);
let sequence = 0;

const kinds = {
  bare: async (/** @type {number} */ index) => {
    sequence += 1;
    const id = `0k3x9a1bnode-${own}${sequence.toString(36)}`;
    const { acquire: four, release: one } = keys[index % USERS] ?? { acquire: [], release: '' };
    await client.call('EVALSHA', [acquire[1] ?? '', '4', ...four, id, ...acquire.slice(8)]);
    await client.call('EVALSHA', [release[1] ?? '', '1', one, ...release.slice(4, 7), id]);
  },
  quota: async (/** @type {number} */ index) => {
    const admission = await factory.admit({ user: users[index % USERS] ?? '' }, { withoutConnection: true });
    if (!admission.admitted) throw new Error(admission.message);
    void admission.manager.destroy();
  },
};

/** @param {'bare' | 'quota'} kind @param {number} pairs */
async function run(kind, pairs) {
  const operate = kinds[kind];
  const latencies = new Float64Array(pairs);
  let next = 0;
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  const worker = async () => {
    while (next < pairs) {
      const index = next;
      next += 1;
      const atMs = performance.now();
      await operate(index);
      latencies[index] = performance.now() - atMs;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  // What was given back last has to have arrived too.
  while ((factory.shared?.state().leases ?? 0) > 0) await new Promise((resolve) => setImmediate(resolve));
  await client.ping();
  const elapsedMs = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(cpu);
  latencies.sort();
  return {
    perSecond: (pairs / elapsedMs) * 1000,
    p50Ms: latencies[Math.floor(pairs * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(pairs * 0.99)] ?? 0,
    cpuUs: (user + system) / pairs,
  };
}

process.on('message', (/** @type {{ kind: 'bare' | 'quota', pairs: number }} */ { kind, pairs }) => {
  void run(kind, pairs).then((result) => process.send?.(result));
});
process.send?.('ready');
await once(process, 'disconnect');
process.exit(0);
