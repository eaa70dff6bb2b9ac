// @ts-check
// One storm, from an empty server to an empty server.
import { setTimeout as wait } from 'node:timers/promises';
import { Child } from '../../runtime/parts/asking.mjs';

/** @import { Figures } from '../../runtime/parts/answering.mjs' */

/** How well the processes kept up meanwhile. @typedef {{ loopP99Ms: number, loopMaxMs: number, cores: number }} KeptUp */
/** @typedef {{ p50Ms: number, p99Ms: number, maxMs: number, sent: number, echoed: number, lost: number, keptUp: Record<Role, KeptUp> }} Phase */
/** @typedef {'server' | 'others' | 'storm'} Role */
/**
 * @typedef {object} Outcome
 * @property {Phase} quiet
 * @property {Phase} stormy
 * @property {Figures} lives how often clients did what
 * @property {Figures} account what the server says it did
 * @property {Figures} left more than before anybody came
 * @property {number} leftAfterMs
 * @property {string[]} failures
 */

const STEADY_CLIENTS = 50;
const QUIET_SHARE = 0.25;

/**
 * @param {{ clients: number, seconds: number, hoarded: number, goneWithinMs: number, seed: number, isPaced: boolean, isLeaky: boolean, profiles?: string | undefined }} size
 * @returns {Promise<Outcome>}
 */
export async function run({ clients, seconds, hoarded, goneWithinMs, seed, isPaced, isLeaky, profiles }) {
  const start = (/** @type {string} */ part, /** @type {readonly string[]} */ args = []) =>
    Child.start(
      new URL(part, import.meta.url).href,
      args,
      profiles === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${part.slice(2, -4)}-${seed}.cpuprofile`],
    );
  const server = await start('./server.mjs', isLeaky ? ['leaky'] : []);
  const [steady, storm] = [await start('./steady.mjs'), await start('./storm.mjs', isPaced ? ['idle'] : [])];
  try {
    const { port = 0 } = await server.ask('port');
    const before = await server.ask('left');
    await steady.ask('connect', { port, count: STEADY_CLIENTS });

    const phase = async (/** @type {number} */ ms) => {
      const processes = Object.entries({ server, others: steady, storm });
      await Promise.all(processes.map(([, child]) => child.ask('watch')));
      const talked = await steady.ask('talk', { ms });
      /** @type {Record<string, Figures>} */
      const keptUp = {};
      for (const [role, child] of processes) keptUp[role] = await child.ask('keptUp');
      return /** @type {Phase} */ (/** @type {unknown} */ ({ ...talked, keptUp }));
    };
    // What is compiled late is no quiet.
    await steady.ask('talk', { ms: Math.min(1000, seconds * 100) });
    const quiet = await phase(seconds * 1000 * QUIET_SHARE);
    const raging = storm.ask('rage', { port, clients, ms: seconds * 1000, seed, hoarded });
    const stormy = await phase(seconds * 1000);
    const lives = await raging;

    await steady.ask('leave');
    const endedAtMs = performance.now();
    let left = await excess(server, before);
    while (Object.keys(left).length > 0 && performance.now() - endedAtMs < goneWithinMs) {
      await wait(50);
      left = await excess(server, before);
    }
    const account = await server.ask('account');
    const failures = [
      ...Object.entries(left).map(
        ([what, count]) => `${count} ${what} left ${goneWithinMs} ms after everybody had gone`,
      ),
      ...(stormy.lost > 0 ? [`${stormy.lost} of the others lost their connection`] : []),
      ...(stormy.echoed < stormy.sent ? [`${stormy.sent - stormy.echoed} echoes of the others are missing`] : []),
      ...((account['errors'] ?? 0) > 0 ? ['the runtime reported errors; they are above'] : []),
    ];
    return { quiet, stormy, lives, account, left, leftAfterMs: performance.now() - endedAtMs, failures };
  } finally {
    await Promise.all([storm, steady, server].map((child) => child.end()));
  }
}

/** @param {Child} server @param {Figures} before */
async function excess(server, before) {
  const now = await server.ask('left');
  return Object.fromEntries(
    Object.entries(now)
      .map(([what, count]) => /** @type {const} */ ([what, count - (before[what] ?? 0)]))
      .filter(([, count]) => count > 0),
  );
}
