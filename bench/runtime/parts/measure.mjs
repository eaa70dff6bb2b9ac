// @ts-check
import { Child } from './asking.mjs';
import { interleave, median, medianOverStarts } from './pairs.mjs';

/** @import { Interval } from './pairs.mjs' */

/** `byHand`: the smallest guard that is right, see hand-guard.mjs. @typedef {'bare' | 'byHand' | 'guarded'} Kind */
/** What was measured in one round, by kind. @typedef {Partial<Record<Kind, number>>} Round */

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {string} unit of `bare` and `guarded`
 * @property {number} bare median
 * @property {number} guarded median of what is compared with it
 * @property {Interval} compared round by round: what the floor is about
 * @property {{ readonly atMost: number } | { readonly atLeast: number } | undefined} floor
 * @property {boolean} met the median meets the floor
 * @property {readonly (readonly Round[])[]} starts rounds by start of the processes
 */

/** `starts`: of the processes, with so many `rounds` each. @typedef {{ readonly starts: number, readonly rounds: number, readonly batch: number }} Size */

const PAIR = /** @type {const} */ (['bare', 'guarded']);
const ECHO_CONNECTIONS = 50;
const WARM_UP_CONNECTIONS = 4000;

/**
 * @param {{ readonly name: string, readonly unit: string, readonly floor?: Result['floor'], readonly kind?: 'byHand' | 'guarded' }} what
 * @param {readonly (readonly Round[])[]} starts
 * @param {(bare: number, guarded: number) => number} compare
 * @returns {Result}
 */
function judge({ name, unit, floor, kind = 'guarded' }, starts, compare) {
  const of = (/** @type {Kind} */ which) => starts.flat().map((round) => round[which] ?? NaN);
  const compared = medianOverStarts(
    starts.map((rounds) => rounds.map((round) => compare(round.bare ?? NaN, round[kind] ?? NaN))),
  );
  const met =
    floor === undefined || ('atMost' in floor ? compared.median <= floor.atMost : compared.median >= floor.atLeast);
  return { name, unit, bare: median(of('bare')), guarded: median(of(kind)), compared, floor, met, starts };
}

/**
 * Runs `work` with a client and a server of each kind; all are gone afterwards.
 *
 * @template {Kind} Which
 * @template Answer
 * @param {readonly Which[]} kinds
 * @param {(client: Child, servers: Record<Which, { child: Child, port: number }>) => Promise<Answer>} work
 */
async function withServers(kinds, work) {
  const client = await Child.start('./ws-client.mjs');
  const children = [client];
  try {
    /** @type {Partial<Record<Which, { child: Child, port: number }>>} */
    const servers = {};
    for (const kind of kinds) {
      const child = await Child.start('./ws-server.mjs', [kind]);
      children.push(child);
      const { port = 0 } = await child.ask('port');
      servers[kind] = { child, port };
    }
    return await work(client, /** @type {Record<Which, { child: Child, port: number }>} */ (servers));
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

/** @template Answer @param {number} count @param {() => Promise<Answer>} work @returns {Promise<Answer[]>} */
async function inTurn(count, work) {
  const answers = [];
  for (let n = 0; n < count; n += 1) answers.push(await work());
  return answers;
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

const ratio = (/** @type {number} */ bare, /** @type {number} */ guarded) => guarded / bare;

/** @param {Size} size */
export async function connectAndClose({ starts: count, rounds, batch }) {
  const kinds = /** @type {const} */ (['bare', 'byHand', 'guarded']);
  const starts = await inTurn(count, () =>
    withServers(kinds, async (client, servers) => {
      const cycles = (/** @type {Kind} */ kind, /** @type {number} */ connections) =>
        client.ask('cycles', { port: servers[kind].port, count: connections });
      for (const kind of kinds) await cycles(kind, WARM_UP_CONNECTIONS);
      return interleave(rounds, kinds, async (kind) => {
        const micros = await cpuOf(servers[kind].child, () => cycles(kind, batch));
        return micros / batch;
      });
    }),
  );
  const unit = 'µs CPU';
  return [
    judge({ name: 'connect + close', unit, floor: { atMost: 1.1 } }, starts, ratio),
    judge({ name: 'the same by hand', unit, kind: 'byHand' }, starts, ratio),
  ];
}

/** @param {Size} size */
export async function echo({ starts: count, rounds, batch }) {
  const each = Math.ceil(batch / ECHO_CONNECTIONS);
  const starts = await inTurn(count, () =>
    withServers(PAIR, async (client, servers) => {
      for (const kind of PAIR) await client.ask('hold', { port: servers[kind].port, count: ECHO_CONNECTIONS });
      const echoes = (/** @type {'bare' | 'guarded'} */ kind) => {
        const from = PAIR.indexOf(kind) * ECHO_CONNECTIONS;
        return client.ask('echoes', { from, to: from + ECHO_CONNECTIONS, each });
      };
      for (let warmUp = 0; warmUp < 3; warmUp += 1) for (const kind of PAIR) await echoes(kind);
      const measured = await interleave(rounds, PAIR, async (kind) => {
        const micros = await cpuOf(servers[kind].child, () => echoes(kind));
        return micros / (each * ECHO_CONNECTIONS);
      });
      await client.ask('release');
      return measured;
    }),
  );
  return [judge({ name: 'echo', unit: 'µs CPU', floor: { atMost: 1.03 } }, starts, ratio)];
}

/** @param {Omit<Size, 'starts'>} size */
export async function heapPerConnection({ rounds, batch }) {
  const measured = await interleave(rounds, PAIR, (kind) =>
    withServers([kind], async (client, servers) => {
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
  const what = { name, unit: 'bytes each', floor: { atMost: 1024 } };
  return [judge(what, [measured], (bare, guarded) => guarded - bare)];
}

/** @param {Size & { readonly live: number }} size */
export async function acquireAndRelease({ starts: count, rounds, batch, live }) {
  const starts = await inTurn(count, async () => {
    const bare = await Child.start('./registry.mjs', ['bare', String(live)]);
    const guarded = await Child.start('./registry.mjs', ['guarded', String(live)]);
    const children = { bare, guarded };
    try {
      for (const kind of PAIR) await children[kind].ask('run', { count: 2 * batch });
      return await interleave(rounds, PAIR, async (kind) => {
        const { cpuMicros = NaN } = await children[kind].ask('run', { count: batch });
        return (cpuMicros * 1000) / batch;
      });
    } finally {
      await Promise.all([bare.end(), guarded.end()]);
    }
  });
  const what = { name: `in process, ${live.toLocaleString('en')} live`, unit: 'ns CPU', floor: { atLeast: 0.5 } };
  return [judge(what, starts, (bare, guarded) => bare / guarded)];
}
