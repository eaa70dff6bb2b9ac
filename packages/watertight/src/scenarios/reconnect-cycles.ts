import type { Client } from '../drive/types.ts';
import { asScenario } from './as-scenario.ts';
import type { ScenarioWorld } from './define-scenario.ts';

const USER = 3_200;
const CYCLE_COUNT = 15;
const LONG_CYCLE_COUNT = 1_000;
/** A phone in a tunnel: it is back after this long, and its old socket never says goodbye. */
const RETURN_EVERY_MS = 200;
const LONG_RETURN_EVERY_MS = 60;
const LONG_SECONDS = 180;
const ANSWER_MS = 2_000;
/** One for who is there now, one for the rounding, one to spare. */
const PLACES_LEFT = 3;

export const reconnectCycles = asScenario({
  name: 'reconnect-cycles',
  purpose:
    'Fifteen cycles of an unstable network: whoever comes back is let in, although the old socket never said goodbye, and the old ones go.',
  steps: [
    {
      id: 'reconnect/every-return-is-admitted',
      title:
        'Fifteen times the same user loses the network without a FIN and comes back 200 ms later: let in every time',
    },
    {
      id: 'reconnect/no-more-are-held-than-silence-explains',
      title:
        'At no time are more held than went silent within the promised time of silence: coming back keeps no old one alive',
    },
    {
      id: 'reconnect/the-old-sockets-go',
      title: 'Every old socket is gone within the promised time of silence and the deadline after the last return',
    },
    { id: 'reconnect/nothing-is-held-in-the-end', title: 'When the last one has left, nothing of the user is held' },
  ],
  maxSockets: LONG_CYCLE_COUNT + 1,
  maxAtOnce: 200,
  looksAt: 'users',
  maxSeconds: 8,
  secondsIn: ({ isLong }) => (isLong === true ? LONG_SECONDS : undefined),
  async run(world) {
    const user = world.user(USER);
    const { silenceMs, limit, deadlineMs } = world;
    const everyMs = world.isLong ? longReturnEveryMs(world) : RETURN_EVERY_MS;
    const cycles = howMany(world, everyMs);
    const lost: Client[] = [];
    let current: Client | undefined;
    let refusals = 0;
    let unserved = 0;
    let mostHeld = 0;
    let isSeen = true;
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      if (current !== undefined) {
        current.vanish();
        lost.push(current);
        await world.pause(everyMs);
      }
      // A place that is only now found to be free is found within the deadline.
      const entry = await world.enterWithin(user, deadlineMs);
      current = entry.admitted ? entry.client : undefined;
      if (!entry.admitted) refusals += 1;
      else if (!(await entry.client.ping(ANSWER_MS))) unserved += 1;
      const usage = await world.usage(user);
      isSeen &&= usage !== undefined;
      mostHeld = Math.max(mostHeld, usage?.held ?? 0);
    }
    const lastReturnAtMs = performance.now();
    await world.check('reconnect/every-return-is-admitted', () => ({
      ok: refusals === 0 && unserved === 0,
      message: `of ${cycles} returns ${refusals} were refused for longer than ${deadlineMs} ms, and ${unserved} of those let in were not answered`,
      type: refusals > 0 ? 'slot-not-reusable' : 'unresponsive-connection',
      severity: 'critical',
      figures: { cycles, refusals, unserved, limit: limit ?? null },
    }));
    if (silenceMs === undefined) {
      for (const id of [
        'reconnect/no-more-are-held-than-silence-explains',
        'reconnect/the-old-sockets-go',
        'reconnect/nothing-is-held-in-the-end',
      ])
        world.skip(
          id,
          'not promised',
          'nobody said that a silent peer is noticed within a time a check can wait for (--silence)',
        );
      return;
    }
    const explained = Math.ceil((silenceMs + deadlineMs) / everyMs) + 1;
    if (!isSeen)
      world.skip(
        'reconnect/no-more-are-held-than-silence-explains',
        'not visible',
        'the server shows no factory that can be asked',
      );
    else
      await world.check('reconnect/no-more-are-held-than-silence-explains', () => ({
        ok: mostHeld <= explained,
        message: `${mostHeld} were held, although at most ${explained} can have gone silent within ${silenceMs} ms`,
        type: 'silence-undetected',
        figures: { mostHeld, explained, silenceMs, everyMs },
      }));
    await world.check('reconnect/the-old-sockets-go', async () => {
      const leftMs = Math.max(0, lastReturnAtMs + silenceMs + deadlineMs - performance.now());
      const gone = await world.countGone(lost, leftMs);
      return {
        ok: gone === lost.length,
        message: `${gone} of ${lost.length} sockets of lost connections were gone ${silenceMs + deadlineMs} ms after the last return`,
        type: 'silence-undetected',
        figures: { lost: lost.length, gone, silenceMs },
      };
    });
    if (!isSeen)
      return world.skip(
        'reconnect/nothing-is-held-in-the-end',
        'not visible',
        'the server shows no factory that can be asked',
      );
    await world.check('reconnect/nothing-is-held-in-the-end', async () => {
      await current?.end('close-frame');
      const { last } = await world.until(
        () => world.usage(user),
        (usage) => usage?.held === 0,
        deadlineMs,
      );
      return {
        ok: last?.held === 0,
        message: `everybody has left, and ${last?.held ?? 0} are held`,
        type: 'managers-left',
        figures: { held: last?.held ?? null },
      };
    });
  },
});

/** So slowly that those not found silent yet leave a place: else a thousand would end where the limit is full of lost ones. */
export function longReturnEveryMs({
  limit,
  silenceMs,
  deadlineMs,
}: Pick<ScenarioWorld, 'limit' | 'silenceMs' | 'deadlineMs'>): number {
  if (limit === undefined || silenceMs === undefined) return LONG_RETURN_EVERY_MS;
  return Math.max(LONG_RETURN_EVERY_MS, Math.ceil((silenceMs + deadlineMs) / Math.max(1, limit - PLACES_LEFT)));
}

/** Without a promise about silence nobody may be locked out before the limit is full of lost ones, and so it is not filled. */
export function howMany(
  { limit, silenceMs, isLong, deadlineMs }: Pick<ScenarioWorld, 'limit' | 'silenceMs' | 'deadlineMs' | 'isLong'>,
  everyMs: number,
): number {
  const wanted = isLong ? LONG_CYCLE_COUNT : CYCLE_COUNT;
  if (limit === undefined) return wanted;
  const heldAtMost = silenceMs === undefined ? Infinity : Math.ceil((silenceMs + deadlineMs) / everyMs) + 1;
  return heldAtMost < limit ? wanted : Math.min(wanted, limit);
}
