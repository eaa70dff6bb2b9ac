// @ts-check
import { Child } from './asking.mjs';
import { interleave, median, medianWithInterval } from './pairs.mjs';

/** @import { Interval, Pair } from './pairs.mjs' */

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {string} unit of `bare` and `guarded`
 * @property {number} bare median
 * @property {number} guarded median
 * @property {Interval} compared pair by pair: what the floor is about
 * @property {{ readonly atMost: number } | { readonly atLeast: number }} floor
 * @property {boolean} met the median meets the floor
 * @property {readonly Pair[]} pairs
 */

/** @typedef {{ readonly pairs: number, readonly batch: number }} Size */

const KINDS = /** @type {const} */ (['bare', 'guarded']);
const ECHO_CONNECTIONS = 50;

/**
 * @param {string} name
 * @param {string} unit
 * @param {readonly Pair[]} pairs
 * @param {(pair: Pair) => number} compare
 * @param {Result['floor']} floor
 * @returns {Result}
 */
function judge(name, unit, pairs, compare, floor) {
  const compared = medianWithInterval(pairs.map(compare));
  const met = 'atMost' in floor ? compared.median <= floor.atMost : compared.median >= floor.atLeast;
  const bare = median(pairs.map((pair) => pair.bare));
  const guarded = median(pairs.map((pair) => pair.guarded));
  return { name, unit, bare, guarded, compared, floor, met, pairs };
}

/**
 * Runs `work` with a client and both servers; all are gone afterwards.
 *
 * @template Answer
 * @param {(client: Child, servers: Record<'bare' | 'guarded', { child: Child, port: number }>) => Promise<Answer>} work
 */
async function withServers(work) {
  const children = [await Child.start('./ws-client.mjs')];
  const [client] = children;
  try {
    const start = async (/** @type {string} */ kind) => {
      const child = await Child.start('./ws-server.mjs', [kind]);
      children.push(child);
      const { port = 0 } = await child.ask('port');
      return { child, port };
    };
    if (client === undefined) throw new Error('no client');
    return await work(client, { bare: await start('bare'), guarded: await start('guarded') });
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

/**
 * CPU of a server process while `work` runs, in microseconds.
 *
 * @param {Child} server
 * @param {() => Promise<unknown>} work
 */
async function cpuOf(server, work) {
  const { cpuMicros: before = 0 } = await server.ask('cpu');
  await work();
  const { cpuMicros: after = 0 } = await server.ask('cpu');
  return after - before;
}

/** @param {Size} size */
export function connectAndClose({ pairs, batch }) {
  return withServers(async (client, servers) => {
    const cycles = (/** @type {'bare' | 'guarded'} */ kind, /** @type {number} */ count) =>
      client.ask('cycles', { port: servers[kind].port, count });
    for (const kind of KINDS) await cycles(kind, 3 * batch);
    const measured = await interleave(
      pairs,
      async (kind) => (await cpuOf(servers[kind].child, () => cycles(kind, batch))) / batch,
    );
    return judge('connect + close', 'µs CPU', measured, (pair) => pair.guarded / pair.bare, { atMost: 1.1 });
  });
}

/** @param {Size} size */
export function echo({ pairs, batch }) {
  return withServers(async (client, servers) => {
    for (const kind of KINDS) await client.ask('hold', { port: servers[kind].port, count: ECHO_CONNECTIONS });
    const each = Math.ceil(batch / ECHO_CONNECTIONS);
    const echoes = (/** @type {'bare' | 'guarded'} */ kind) => {
      const from = kind === 'bare' ? 0 : ECHO_CONNECTIONS;
      return client.ask('echoes', { from, to: from + ECHO_CONNECTIONS, each });
    };
    for (const kind of KINDS) await echoes(kind);
    const measured = await interleave(
      pairs,
      async (kind) => (await cpuOf(servers[kind].child, () => echoes(kind))) / (each * ECHO_CONNECTIONS),
    );
    await client.ask('release');
    return judge('echo', 'µs CPU', measured, (pair) => pair.guarded / pair.bare, { atMost: 1.03 });
  });
}

/** @param {Size} size */
export async function heapPerConnection({ pairs, batch }) {
  const measured = await interleave(pairs, (kind) =>
    withServers(async (client, servers) => {
      const { child, port } = servers[kind];
      // What is made once — code, tables, caches — is not a connection's.
      await client.ask('hold', { port, count: 200 });
      await client.ask('release');
      const { heapBytes: before = 0 } = await child.ask('heap');
      await client.ask('hold', { port, count: batch });
      const { heapBytes: after = 0 } = await child.ask('heap');
      await client.ask('release');
      return (after - before) / batch;
    }),
  );
  const name = `heap, ${batch.toLocaleString('en')} idle`;
  return judge(name, 'bytes each', measured, (pair) => pair.guarded - pair.bare, { atMost: 1024 });
}

/** @param {Size & { readonly live: number }} size */
export async function acquireAndRelease({ pairs, batch, live }) {
  const bare = await Child.start('./registry.mjs', ['bare', String(live)]);
  const guarded = await Child.start('./registry.mjs', ['guarded', String(live)]);
  const children = { bare, guarded };
  try {
    for (const kind of KINDS) await children[kind].ask('run', { count: 2 * batch });
    const measured = await interleave(pairs, async (kind) => {
      const { cpuMicros = NaN } = await children[kind].ask('run', { count: batch });
      return (cpuMicros * 1000) / batch;
    });
    const name = `in process, ${live.toLocaleString('en')} live`;
    return judge(name, 'ns CPU', measured, (pair) => pair.bare / pair.guarded, { atLeast: 0.5 });
  } finally {
    await Promise.all([bare.end(), guarded.end()]);
  }
}
