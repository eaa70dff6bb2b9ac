// @ts-check
import { Child } from './asking.mjs';
import { interleave, median, medianOverStarts, MEMORY_BATCHES } from './pairs.mjs';

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
 * @property {Verdict} verdict
 * @property {readonly (readonly Round[])[]} starts rounds by start of the processes
 */

/** `open`: the median misses the floor, and its interval does not. @typedef {'met' | 'missed' | 'open' | 'no floor'} Verdict */
/** With the default options, or with the policy that is named. @typedef {{ readonly policy?: string }} Guarding */
/** `starts`: of the processes, with so many `rounds` each. @typedef {{ readonly starts: number, readonly rounds: number, readonly batch: number }} Size */

const PAIR = /** @type {const} */ (['bare', 'guarded']);
const ALL = /** @type {const} */ (['bare', 'byHand', 'guarded']);
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
  return {
    name,
    unit,
    bare: median(of('bare')),
    guarded: median(of(kind)),
    compared,
    floor,
    verdict: verdictOn(compared, floor),
    starts,
  };
}

/** @param {Interval} compared @param {Result['floor']} floor @returns {Verdict} */
function verdictOn({ median: middle, low, high }, floor) {
  if (floor === undefined) return 'no floor';
  if ('atMost' in floor) return middle <= floor.atMost ? 'met' : low <= floor.atMost ? 'open' : 'missed';
  return middle >= floor.atLeast ? 'met' : high >= floor.atLeast ? 'open' : 'missed';
}

/**
 * Runs `work` with a client and a server of each kind; all are gone afterwards.
 *
 * @template {Kind} Which
 * @template Answer
 * @param {readonly Which[]} kinds
 * @param {(client: Child, servers: Record<Which, { child: Child, port: number }>) => Promise<Answer>} work
 * @param {Guarding} [guarding]
 */
async function withServers(kinds, work, guarding = {}) {
  const client = await Child.start('./ws-client.mjs');
  const children = [client];
  try {
    /** @type {Partial<Record<Which, { child: Child, port: number }>>} */
    const servers = {};
    for (const kind of kinds) {
      const child = await Child.start('./ws-server.mjs', [kind, ...named(guarding)]);
      children.push(child);
      const { port = 0 } = await child.ask('port');
      servers[kind] = { child, port };
    }
    return await work(client, /** @type {Record<Which, { child: Child, port: number }>} */ (servers));
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

/** As an argument of a process. @param {Guarding} guarding */
const named = ({ policy }) => (policy === undefined ? [] : [policy]);

/** As a part of a name. @param {string} what @param {Guarding} guarding */
const called = (what, { policy }) => (policy === undefined ? what : `${what}, ${policy}`);

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

/**
 * What one operation costs over sockets, and what it costs more than on bare `ws` where no kernel carries its bytes. The kernel's part is by
 * far the largest, the same for all, and scatters by more than the floors are about; so the second says what the first cannot.
 *
 * @param {number} count starts of the processes
 * @param {(client: Child, servers: Record<Kind, { child: Child, port: number }>) => Promise<{ overSockets: Round[], inMemory: Round[] }>} measureOnce
 * @param {{ readonly name: string, readonly atMost: number }} what
 */
async function twice(count, measureOnce, { name, atMost }) {
  const measured = await inTurn(count, () => withServers(ALL, measureOnce));
  const overSockets = measured.map((start) => start.overSockets);
  const inMemory = measured.map((start) => start.inMemory);
  const wholeMicros = median(overSockets.flat().map(({ bare }) => bare ?? NaN));
  const share = (/** @type {number} */ bare, /** @type {number} */ other) => 1 + (other - bare) / wholeMicros;
  const [unit, floor] = ['µs CPU', { atMost }];
  const kind = /** @type {const} */ ('byHand');
  return [
    judge({ name, unit, floor }, overSockets, ratio),
    judge({ name: `${name}, what is added`, unit, floor }, inMemory, share),
    judge({ name: `${name}, by hand`, unit, kind }, overSockets, ratio),
    judge({ name: `${name}, added by hand`, unit, kind }, inMemory, share),
  ];
}

/** @param {Size} size */
export async function connectAndClose({ starts, rounds, batch }) {
  return twice(
    starts,
    async (client, servers) => {
      const cycles = (/** @type {Kind} */ kind, /** @type {number} */ connections) =>
        client.ask('cycles', { port: servers[kind].port, count: connections });
      const passes = (/** @type {Kind} */ kind, /** @type {number} */ connections) =>
        servers[kind].child.ask('pass', { count: connections });
      for (const kind of ALL) await cycles(kind, WARM_UP_CONNECTIONS);
      const overSockets = await inRounds(rounds, servers, batch, (kind) => cycles(kind, batch));
      for (const kind of ALL) await passes(kind, WARM_UP_CONNECTIONS);
      const inMemory = await inRounds(rounds, servers, MEMORY_BATCHES * batch, (kind) =>
        passes(kind, MEMORY_BATCHES * batch),
      );
      return { overSockets, inMemory };
    },
    { name: 'connect + close', atMost: 1.1 },
  );
}

/** @param {Size} size */
export async function echo({ starts, rounds, batch }) {
  const each = Math.ceil(batch / ECHO_CONNECTIONS);
  const count = each * ECHO_CONNECTIONS;
  return twice(
    starts,
    async (client, servers) => {
      for (const kind of ALL) await client.ask('hold', { port: servers[kind].port, count: ECHO_CONNECTIONS });
      const echoes = (/** @type {Kind} */ kind) => {
        const from = ALL.indexOf(kind) * ECHO_CONNECTIONS;
        return client.ask('echoes', { from, to: from + ECHO_CONNECTIONS, each });
      };
      const speaks = (/** @type {Kind} */ kind) =>
        servers[kind].child.ask('speak', { connections: ECHO_CONNECTIONS, each: MEMORY_BATCHES * each });
      for (let warmUp = 0; warmUp < 3; warmUp += 1) for (const kind of ALL) await echoes(kind);
      const overSockets = await inRounds(rounds, servers, count, echoes);
      await client.ask('release');
      for (let warmUp = 0; warmUp < 3; warmUp += 1) for (const kind of ALL) await speaks(kind);
      const inMemory = await inRounds(rounds, servers, MEMORY_BATCHES * count, speaks);
      for (const kind of ALL) await servers[kind].child.ask('hush');
      return { overSockets, inMemory };
    },
    { name: 'echo', atMost: 1.03 },
  );
}

/**
 * Microseconds of a server's CPU for each of `count` operations.
 *
 * @param {number} rounds
 * @param {Record<Kind, { child: Child }>} servers
 * @param {number} count
 * @param {(kind: Kind) => Promise<unknown>} work
 */
function inRounds(rounds, servers, count, work) {
  return interleave(rounds, ALL, async (kind) => (await cpuOf(servers[kind].child, () => work(kind))) / count);
}

/** @param {Omit<Size, 'starts'> & Guarding} size */
export async function heapPerConnection({ rounds, batch, ...guarding }) {
  const measureOnce = async (/** @type {Child} */ client, /** @type {{ child: Child, port: number }} */ server) => {
    const { child, port } = server;
    // What is made once — code, tables, caches — is not a connection's.
    await client.ask('hold', { port, count: 200 });
    await client.ask('release');
    const { heapBytes: before = 0 } = await child.ask('heap');
    await client.ask('hold', { port, count: batch });
    const { heapBytes: after = 0 } = await child.ask('heap');
    await client.ask('release');
    return (after - before) / batch;
  };
  const measured = await interleave(rounds, PAIR, (kind) =>
    withServers([kind], (client, servers) => measureOnce(client, servers[kind]), guarding),
  );
  const name = called(`heap, ${batch.toLocaleString('en')} idle`, guarding);
  const what = { name, unit: 'bytes each', floor: { atMost: 1024 } };
  return [judge(what, [measured], (bare, guarded) => guarded - bare)];
}

/** @param {Size & Guarding & { readonly live: number }} size */
export async function acquireAndRelease({ starts: count, rounds, batch, live, ...guarding }) {
  const starts = await inTurn(count, async () => {
    const bare = await Child.start('./registry.mjs', ['bare', String(live), ...named(guarding)]);
    const guarded = await Child.start('./registry.mjs', ['guarded', String(live), ...named(guarding)]);
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
  const name = called(`in process, ${live.toLocaleString('en')} live`, guarding);
  const what = { name, unit: 'ns CPU', floor: { atLeast: 0.5 } };
  return [judge(what, starts, (bare, guarded) => bare / guarded)];
}
