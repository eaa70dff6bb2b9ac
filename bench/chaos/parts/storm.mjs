// @ts-check
// The hostile clients, in a process of their own: so many at once, each one life after another.
import { spawnSync } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { answer } from '../../runtime/parts/answering.mjs';
import { habitAt, hoard } from './habits.mjs';
import { loopWatch } from './loop-watch.mjs';
import { Rage } from './rage.mjs';
import { Random } from './random.mjs';

/** @import { Socket } from 'node:net' */

const USER_COUNT = 500;
/** They come over this part of the time: what is shown is the storm, not its first second. */
const ARRIVAL_SHARE = 0.2;
/** The hoarder is through a little before the end. */
const HOARDING_SHARE = 0.95;
/** Of clients, besides those of the hoarder: so few that server and clients together leave the processors time for the others. Above, who waits waits for the machine. */
const DIALS_PER_SECOND = 100;

// `idle`: where pace is judged and nothing else runs. Server and clients share the processors of one machine, and those who are measured come
// first: the lowest priority still waits out its slice of some milliseconds before somebody else is let in; who is idle to the scheduler (Linux,
// sched(7)) does not. Beside others who compute neither would come to its turn.
if (process.argv[2] === 'idle') {
  setPriority(constants.priority.PRIORITY_LOW);
  if (process.platform === 'linux') spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', String(process.pid)]);
}

answer({
  ...loopWatch,
  async rage({ port, clients, ms, seed, hoarded }) {
    const rage = new Rage(DIALS_PER_SECOND);
    /** @type {Record<string, number>} */
    const lives = {};
    const beganAtMs = performance.now();

    const client = async (/** @type {number} */ number) => {
      const random = new Random(Number(seed) * 100_003 + number);
      await rage.pause(random.between(0, Number(ms) * ARRIVAL_SHARE));
      for (;;) {
        await rage.turn();
        if (rage.isOver) return;
        const habit = habitAt(random.next());
        if (habit === undefined) throw new Error('no habit');
        lives[habit.name] = (lives[habit.name] ?? 0) + 1;
        const user = `storm-${Math.floor(random.between(0, USER_COUNT))}`;
        await habit.live({ port: Number(port), random, user, rage });
      }
    };

    /** @type {Set<Socket>} */
    const kept = new Set();
    /** @type {Promise<void>[]} */
    const hoarding = [];
    // At a pace of its own: who waits in the queue of the clients until the storm is over has opened nothing.
    const hoarder = async () => {
      for (let number = 0; number < Number(hoarded); number += 1) {
        const waitMs = beganAtMs + (number * Number(ms) * HOARDING_SHARE) / Number(hoarded) - performance.now();
        if (waitMs > 0) await rage.pause(waitMs);
        if (rage.isOver) return;
        hoarding.push(hoard(Number(port), kept));
      }
    };

    const all = Array.from({ length: Number(clients) }, (_, number) => client(number));
    const hoardingDone = hoarder();
    await wait(Number(ms));
    rage.end();
    await Promise.all([...all, hoardingDone, ...hoarding]);
    for (const socket of kept) socket.destroy();
    return { ...lives, hoarder: hoarding.length };
  },
});
