import { asScenario } from './as-scenario.ts';
import { roomFor } from './shared/room-for.ts';

const FIRST_USER = 3_400;
const USER_COUNT = 3;
const LANES_PER_USER = 2;
const DURATION_MS = 5_000;
const LONG_DURATION_MS = 60_000;
/** Each lane; six lanes make some sixty connections a second. */
const EVERY_MS = 100;
const REGULAR_EVERY_MS = 500;
const ENDINGS = ['rst', 'fin', 'close-frame'] as const;
const LOOK_EVERY_MS = 250;

export const cleanupVersusCreation = asScenario({
  name: 'cleanup-versus-creation',
  purpose:
    'Connections are made as fast as they are thrown away, for seconds without a pause: the cleanup keeps up, and nobody is locked out.',
  steps: [
    {
      id: 'creation/every-attempt-gets-in',
      title: 'Some sixty connections a second, each ended at once: every attempt is let in by the deadline, to the end',
    },
    {
      id: 'creation/a-regular-user-gets-in-meanwhile',
      title: 'Somebody else who comes every 500 ms is let in and answered at the first attempt each time',
    },
    {
      id: 'creation/the-closing-do-not-pile-up',
      title: 'At no time are more held and closing than were ended within the deadline',
    },
    { id: 'creation/nothing-is-left-afterwards', title: 'When it is over everything is back within the deadline' },
  ],
  maxSockets: 4_500,
  maxAtOnce: 100,
  maxSeconds: 7,
  async run(world) {
    const { deadlineMs } = world;
    const users = Array.from({ length: USER_COUNT }, (_, index) => world.user(FIRST_USER + index));
    const regular = world.user(FIRST_USER + USER_COUNT);
    const endAtMs = performance.now() + (world.isLong ? LONG_DURATION_MS : DURATION_MS);
    const seen = { made: 0, lockedOut: 0, regular: 0, regularRefused: 0, mostThere: 0 };
    const started = performance.now();
    const lanes = roomFor(LANES_PER_USER, world.limit);
    const storm = async (user: string): Promise<void> => {
      for (let count = 0; performance.now() < endAtMs; count += 1) {
        const entry = await world.enterWithin(user, deadlineMs);
        seen.made += 1;
        if (entry.admitted) await entry.client.end(ENDINGS[count % ENDINGS.length] ?? 'fin');
        else seen.lockedOut += 1;
        await world.pause(EVERY_MS * (0.5 + world.random()));
        if (entry.admitted) entry.client.dispose();
      }
    };
    const comeRegularly = async (): Promise<void> => {
      while (performance.now() < endAtMs) {
        const entry = await world.enter(regular);
        seen.regular += 1;
        if (!entry.admitted || !(await entry.client.ping(2_000))) seen.regularRefused += 1;
        if (entry.admitted) await entry.client.end('close-frame');
        await world.pause(REGULAR_EVERY_MS);
      }
    };
    const watch = async (): Promise<void> => {
      while (performance.now() < endAtMs) {
        const stats = await world.stats();
        if (stats === undefined) return;
        seen.mostThere = Math.max(seen.mostThere, stats.active + stats.pending + stats.closing);
        await world.pause(LOOK_EVERY_MS);
      }
    };
    const before = await world.stats();
    const storming = users.flatMap((user) => Array.from({ length: lanes }, () => storm(user)));
    await Promise.all([...storming, comeRegularly(), watch()]);
    const perSecond = (seen.made * 1_000) / (performance.now() - started);
    world.figure('connections a second', Math.round(perSecond));
    await world.check('creation/every-attempt-gets-in', () => ({
      ok: seen.lockedOut === 0,
      message: `${seen.lockedOut} of ${seen.made} attempts were refused for longer than ${deadlineMs} ms, although nobody had more than ${lanes} at a time`,
      type: 'slot-not-reusable',
      severity: 'critical',
      figures: { attempts: seen.made, lockedOut: seen.lockedOut, perSecond: Math.round(perSecond) },
    }));
    await world.check('creation/a-regular-user-gets-in-meanwhile', () => ({
      ok: seen.regularRefused === 0,
      message: `${seen.regularRefused} of ${seen.regular} visits of another user were refused or not answered`,
      type: 'other-user-affected',
      figures: { visits: seen.regular, refused: seen.regularRefused },
    }));
    if (before === undefined) {
      for (const id of ['creation/the-closing-do-not-pile-up', 'creation/nothing-is-left-afterwards'])
        world.skip(id, 'not visible', 'the server shows no factory that can be asked');
      return;
    }
    await world.check('creation/the-closing-do-not-pile-up', () => {
      const there = before.active + before.pending + before.closing;
      const explained = there + Math.ceil((perSecond * deadlineMs) / 1_000) + USER_COUNT * lanes + 2;
      return {
        ok: seen.mostThere <= explained,
        message: `${seen.mostThere} were held or closing at once, at most ${explained} can have been there or ended within ${deadlineMs} ms`,
        type: 'slow-batch-cleanup',
        figures: { mostThere: seen.mostThere, explained, deadlineMs },
      };
    });
    await world.check('creation/nothing-is-left-afterwards', async () => {
      const held = async (): Promise<number> => {
        const usages = await Promise.all([...users, regular].map((user) => world.usage(user)));
        return usages.reduce((sum, usage) => sum + (usage?.held ?? 0) + (usage?.closing ?? 0), 0);
      };
      const { last, afterMs } = await world.until(held, (count) => count === 0, deadlineMs);
      return {
        ok: last === 0,
        message: `${last} were still held or closing ${deadlineMs} ms after the last had ended`,
        type: 'managers-left',
        figures: { left: last, afterMs: Math.round(afterMs) },
      };
    });
  },
});
