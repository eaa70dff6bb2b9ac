import type { Client } from '../drive/types.ts';
import { asScenario } from './as-scenario.ts';
import { shuffled } from './shared/shuffled.ts';
import { LARGEST_SITUATION_LIMIT } from './shared/room-for.ts';

const FIRST_USER = 3_300;
const SESSION_COUNT = 10;
const ENDINGS = ['close-frame', 'fin', 'rst'] as const;
const REFRESH_AFTER_MS = 50;

export const identityMismatch = asScenario({
  name: 'identity-mismatch',
  purpose:
    'What was taken under one id is given back under it, whatever the id looks like at the end: refreshed, in another case, or missing.',
  steps: [
    {
      id: 'identity/ten-sessions-are-served',
      title: 'Ten sessions of five users are served, each user once as usual and once with the id in another case',
    },
    {
      id: 'identity/a-refreshed-token-changes-nothing',
      title: 'Each says in between that it is somebody else now (a refreshed token): nobody is ended or moved by it',
    },
    {
      id: 'identity/without-an-id-nothing-is-held',
      title: 'Whoever comes back without any id is refused, or let in and let go of; no named user holds more for it',
    },
    {
      id: 'identity/each-end-gives-back-what-its-beginning-took',
      title: 'All ten end: none of the ids they ever used holds anything by the deadline',
    },
    {
      id: 'identity/every-place-is-free-again',
      title: 'Seen from outside: a user whose id was in another case is admitted again up to the limit, twice',
    },
  ],
  maxSockets: SESSION_COUNT + 2 * LARGEST_SITUATION_LIMIT + 1,
  looksAt: 'users',
  maxSeconds: 4,
  async run(world) {
    const { deadlineMs, limit } = world;
    const plain = Array.from({ length: SESSION_COUNT / 2 }, (_, index) => world.user(FIRST_USER + index));
    const upper = plain.map((user) => otherCase(user));
    const ids = shuffled([...plain, ...upper], () => world.random());
    const sessions: { readonly id: string; readonly client: Client }[] = [];
    const before = (await world.stats())?.users;
    for (const id of ids) {
      const entry = await world.enter(id);
      if (entry.admitted) sessions.push({ id, client: entry.client });
    }
    const served = new Set(sessions.map(({ id }) => id));
    const known = plain.filter((id) => served.has(id)).length;
    await world.check('identity/ten-sessions-are-served', () => ({
      // A server may know nobody by an id in another case; that is no promise.
      ok: known === plain.length,
      message: `${known} of ${plain.length} users were admitted`,
      type: 'limit-undershoot',
      figures: { sessions: ids.length, admitted: sessions.length, inAnotherCase: sessions.length - known },
    }));
    await world.pause(REFRESH_AFTER_MS);
    for (const { id, client } of sessions)
      client.send(JSON.stringify({ type: 'authenticate', user: otherCase(id), token: `refreshed-${id}` }));
    await world.check('identity/a-refreshed-token-changes-nothing', async () => {
      const answering = await world.countAnswering(sessions.map(({ client }) => client));
      const moved = await whoHolds(ids, (id) => (served.has(id) ? 1 : 0));
      // A server that knows no such message may close with a code; one that cuts the connection has no reason to.
      const told = sessions.filter(({ client }) => client.closedByServer !== undefined).length;
      return {
        ok: answering + told === sessions.length && moved === undefined,
        message:
          moved ??
          `of ${sessions.length} that said who they are now, ${answering} answer and ${told} were told goodbye`,
        type: moved === undefined ? 'living-removed' : 'wrong-held-count',
        figures: { sessions: sessions.length, answering, told },
      };
    });
    await world.check('identity/without-an-id-nothing-is-held', async () => {
      const nameless = await world.enter('');
      if (nameless.admitted) {
        await nameless.client.end('close-frame');
        await world.countGone([nameless.client], deadlineMs);
      }
      const moved = await whoHolds(ids, (id) => (served.has(id) ? 1 : 0));
      const { last } = await world.until(
        // A factory may answer that this is no user at all.
        () => world.usage('').catch(() => undefined),
        (usage) => (usage?.held ?? 0) === 0,
        deadlineMs,
      );
      const held = last?.held ?? 0;
      return {
        ok: held === 0 && moved === undefined,
        message: moved ?? `whoever came without an id has left, and ${held} are held under none`,
        type: 'managers-left',
        figures: { admitted: nameless.admitted, held },
      };
    });
    await Promise.all(sessions.map(({ client }, index) => client.end(ENDINGS[index % ENDINGS.length] ?? 'fin')));
    if (before === undefined)
      world.skip(
        'identity/each-end-gives-back-what-its-beginning-took',
        'not visible',
        'the server shows no factory that can be asked',
      );
    else
      await world.check('identity/each-end-gives-back-what-its-beginning-took', async () => {
        const { last } = await world.until(
          () => whoHolds(ids, () => 0),
          (moved) => moved === undefined,
          deadlineMs,
        );
        return {
          ok: last === undefined,
          message: `${sessions.length} sessions have ended, but ${last ?? ''}`,
          type: 'managers-left',
          severity: 'critical',
          figures: { sessions: sessions.length, usersBefore: before, users: (await world.stats())?.users ?? null },
        };
      });
    const again = upper.find((id) => served.has(id)) ?? plain[0];
    if (limit === undefined || limit > LARGEST_SITUATION_LIMIT || again === undefined)
      return world.skip(
        'identity/every-place-is-free-again',
        'not promised',
        `nobody promised a limit that can be filled here (--limit, at most ${LARGEST_SITUATION_LIMIT})`,
      );
    await world.check('identity/every-place-is-free-again', async () => {
      const counts: number[] = [];
      for (let round = 0; round < 2; round += 1) {
        const clients: Client[] = [];
        await world.until(
          async () => clients.push(...(await world.fill(again, limit - clients.length))),
          () => clients.length >= limit,
          deadlineMs,
        );
        counts.push(clients.length);
        await Promise.all(clients.map((client) => client.end('fin')));
        await world.countGone(clients, deadlineMs);
      }
      return {
        ok: counts.every((count) => count === limit),
        message: `${again} was admitted ${counts.join(' and then ')} times at a limit of ${limit}, all of the others having left`,
        type: 'slot-not-reusable',
        severity: 'critical',
        figures: { limit, first: counts[0] ?? 0, second: counts[1] ?? 0 },
      };
    });

    async function whoHolds(among: readonly string[], expected: (id: string) => number): Promise<string | undefined> {
      for (const id of among) {
        const held = (await world.usage(id))?.held;
        if (held !== undefined && held !== expected(id)) return `${id} holds ${held} instead of ${expected(id)}`;
      }
      return undefined;
    }
  },
});

/** Test users are lower case; an id without letters has no other case. */
function otherCase(id: string): string {
  const upper = id.toUpperCase();
  return upper === id ? id.toLowerCase() : upper;
}
