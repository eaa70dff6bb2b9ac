// @ts-check
// The hostile clients, in a process of their own: so many at once, each one life after another.
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { answer } from '../../runtime/parts/answering.mjs';
import { habitAt, hoard } from './habits.mjs';
import { Random } from './random.mjs';

/** @import { Socket } from 'node:net' */

const USER_COUNT = 500;
/** They come over this part of the time: what is shown is the storm, not its first second. */
const ARRIVAL_SHARE = 0.2;
const HOARD_TICK_MS = 50;

answer({
  async rage({ port, clients, ms, seed, hoarded }) {
    const end = new AbortController();
    const { signal } = end;
    setMaxListeners(0, signal);
    /** @type {Record<string, number>} */
    const lives = {};
    const beganAtMs = performance.now();

    const client = async (/** @type {number} */ number) => {
      const random = new Random(Number(seed) * 100_003 + number);
      await wait(random.between(0, Number(ms) * ARRIVAL_SHARE), undefined, { signal }).catch(() => undefined);
      while (!signal.aborted) {
        const habit = habitAt(random.next());
        if (habit === undefined) throw new Error('no habit');
        lives[habit.name] = (lives[habit.name] ?? 0) + 1;
        const user = `storm-${Math.floor(random.between(0, USER_COUNT))}`;
        await habit.live({ port: Number(port), random, user, signal });
      }
    };

    /** @type {Set<Socket>} */
    const kept = new Set();
    /** @type {Promise<void>[]} */
    const hoarding = [];
    const hoarder = setInterval(() => {
      const due = Math.floor((Number(hoarded) * (performance.now() - beganAtMs)) / Number(ms));
      while (hoarding.length < Math.min(due, Number(hoarded))) hoarding.push(hoard(Number(port), kept));
    }, HOARD_TICK_MS);

    const all = Array.from({ length: Number(clients) }, (_, number) => client(number));
    await wait(Number(ms));
    clearInterval(hoarder);
    end.abort();
    await Promise.all([...all, ...hoarding]);
    for (const socket of kept) socket.destroy();
    return { ...lives, hoarder: hoarding.length };
  },
});
