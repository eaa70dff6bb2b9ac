import { httpText } from '../target/http-text.ts';
import { asScenario } from './as-scenario.ts';
import type { FactoryStats } from '@watertight/server';
import { roomFor } from './shared/room-for.ts';

const USER = 3_700;
const SILENT_USER = 3_701;
const LIVING_COUNT = 3;
const SILENT_COUNT = 2;
const STRANGER = 600_000;
const STRANGER_COUNT = 200;
const WATCH_MS = 1_500;
const LONG_WATCH_MS = 60_000;
const PAGE_EVERY_MS = 50;
const PAGE_MS = 1_000;

export const statisticsPolling = asScenario({
  name: 'statistics-polling',
  purpose:
    'Watching changes nothing: whoever reads figures often keeps nobody alive, ends nobody and remembers nobody.',
  steps: [
    {
      id: 'watching/the-figures-stay-what-they-are',
      title: 'Statistics and usage are read without a pause for a second and a half: nothing in them moves by it',
    },
    {
      id: 'watching/strangers-are-not-remembered',
      title: 'The usage of 200 users who were never there is read: the server knows as many users as before',
    },
    { id: 'watching/pages-harm-nobody', title: 'Pages are asked for all the while: the living are served and stay' },
    {
      id: 'watching/the-silent-go-all-the-same',
      title:
        'Two peers that vanished are gone within the promised time of silence, although they are read about all the time',
    },
  ],
  maxSockets: 60,
  maxSeconds: 8,
  async run(world, { target, road }) {
    const user = world.user(USER);
    const living = await world.fill(user, roomFor(LIVING_COUNT, world.limit));
    const silent = await world.fill(world.user(SILENT_USER), roomFor(SILENT_COUNT, world.limit));
    for (const client of silent) client.vanish();
    const vanishedAtMs = performance.now();
    const before = await world.stats();
    const endAtMs = vanishedAtMs + (world.isLong ? LONG_WATCH_MS : WATCH_MS);
    const watched = new AbortController();
    let pages = 0;
    const page = new URL(target.url);
    page.protocol = page.protocol === 'wss:' ? 'https:' : 'http:';
    const readPages = async (): Promise<void> => {
      while (!watched.signal.aborted && !world.signal.aborted) {
        await httpText(page, PAGE_MS, { road });
        pages += 1;
        await world.pause(PAGE_EVERY_MS);
      }
    };
    const reading = readPages().catch(() => undefined);
    let reads = 0;
    let moved: string | undefined;
    while (performance.now() < endAtMs) {
      const [stats, usage] = [await world.stats(), await world.usage(user)];
      if (stats === undefined || before === undefined) {
        await world.pause(PAGE_EVERY_MS);
        continue;
      }
      reads += 1;
      moved ??= whatMoved(before, stats);
      if (usage?.held !== living.length) moved ??= `${user} holds ${usage?.held ?? 0} instead of ${living.length}`;
    }
    if (before === undefined) {
      for (const id of ['watching/the-figures-stay-what-they-are', 'watching/strangers-are-not-remembered'])
        world.skip(id, 'not visible', 'the server shows no factory whose statistics could be read');
    } else {
      await world.check('watching/the-figures-stay-what-they-are', () => ({
        ok: moved === undefined,
        message: `while the statistics were read ${reads} times ${moved ?? ''}`,
        type: 'reading-changes-state',
        figures: { reads },
      }));
      await world.check('watching/strangers-are-not-remembered', async () => {
        const usersBefore = (await world.stats())?.users ?? 0;
        await Promise.all(Array.from({ length: STRANGER_COUNT }, (_, at) => world.usage(world.user(STRANGER + at))));
        const users = (await world.stats())?.users ?? 0;
        return {
          // The silent may have been found meanwhile; nobody can have come.
          ok: users <= usersBefore,
          message: `after the usage of ${STRANGER_COUNT} strangers was read the server knows ${users} users, before it were ${usersBefore}`,
          type: 'users-left',
          severity: 'critical',
          isTimeless: true,
          figures: { strangers: STRANGER_COUNT, usersBefore, users },
        };
      });
    }
    if (world.silenceMs === undefined)
      world.skip(
        'watching/the-silent-go-all-the-same',
        'not promised',
        'nobody said that a silent peer is noticed within a time a check can wait for (--silence)',
      );
    else {
      const withinMs = world.silenceMs + world.deadlineMs;
      await world.check('watching/the-silent-go-all-the-same', async () => {
        const waiting = world.countGone(silent, Math.max(0, vanishedAtMs + withinMs - performance.now()));
        const over = new AbortController();
        void waiting.finally(() => over.abort());
        while (!over.signal.aborted)
          await Promise.all([world.stats(), world.usage(world.user(SILENT_USER)), world.pause(5)]);
        const gone = await waiting;
        return {
          ok: gone === silent.length,
          message: `${gone} of ${silent.length} peers that vanished were gone within ${withinMs} ms while they were watched`,
          type: 'silence-undetected',
          figures: { silent: silent.length, gone, withinMs },
        };
      });
    }
    watched.abort();
    await reading;
    await world.check('watching/pages-harm-nobody', async () => {
      const answering = await world.countAnswering(living);
      return {
        ok: answering === living.length,
        message: `after ${pages} pages were asked for, ${answering} of ${living.length} who are there answer`,
        type: 'living-removed',
        figures: { pages, living: living.length, answering },
      };
    });
  },
});

/** Silent ones may end meanwhile; nothing else may come of being looked at. */
function whatMoved(before: FactoryStats, now: FactoryStats): string | undefined {
  if (now.created !== before.created) return `${now.created - before.created} managers were created`;
  if (now.limitHits !== before.limitHits) return `${now.limitHits - before.limitHits} limit hits were counted`;
  return undefined;
}
