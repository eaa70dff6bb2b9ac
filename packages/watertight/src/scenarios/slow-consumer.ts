import { textOf } from '../drive/client.ts';
import type { Client } from '../drive/types.ts';
import { asScenario } from './as-scenario.ts';
import type { ScenarioWorld } from './define-scenario.ts';
import { isEcho, stallFull, STALLED_MESSAGE_COUNT } from './shared/fill-buffers.ts';
import { roomFor } from './shared/room-for.ts';

const SLOW_USER = 3_800;
const OTHER_USER = 3_801;
/** One of its own: the slow readers may be as many as a user may have. */
const STALLED_USER = 3_802;
const SLOW_COUNT = 2;
const OTHER_COUNT = 3;
const STALL_MS = 1_000;
const LONG_STALL_MS = 30_000;
/** Of the promised silence: who does not read answers no ping either. */
const STALL_SHARE = 0.4;
const ROUND_TRIP_LIMIT_MS = 1_000;
const CATCH_UP_MS = 5_000;
const ECHO_TRIES = 5;

export const slowConsumer = asScenario({
  name: 'slow-consumer',
  purpose:
    'Two clients do not read what they are sent: nobody else waits for them; they get all of it later or are told, and leave nothing behind.',
  steps: [
    {
      id: 'slow/the-others-are-answered-meanwhile',
      title:
        'While two clients with full buffers do not read for up to a second, others get every answer within a second',
    },
    {
      id: 'slow/who-reads-on-gets-everything-or-was-ended',
      title: 'Who reads on gets every message that was sent, or was ended by the server: nobody lives on with a gap',
    },
    {
      id: 'slow/who-stalls-for-good-is-let-go',
      title: 'Who stalls for good is gone within the promised time of silence',
    },
    { id: 'slow/nothing-is-held-afterwards', title: 'When all have left, nothing of them is held by the deadline' },
  ],
  maxSockets: SLOW_COUNT + OTHER_COUNT + 2,
  maxSeconds: 9,
  async run(world) {
    const { deadlineMs, silenceMs } = world;
    const slow = await world.fill(world.user(SLOW_USER), roomFor(SLOW_COUNT, world.limit));
    const others = await world.fill(world.user(OTHER_USER), roomFor(OTHER_COUNT, world.limit));
    const [first] = slow;
    const isEchoing = first !== undefined && (await isEchoAfterAll(first));
    const stop = async (client: Client): Promise<unknown> => (isEchoing ? await stallFull(client) : client.stall());
    const stallMs = world.isLong ? LONG_STALL_MS : Math.min(STALL_MS, (silenceMs ?? Infinity) * STALL_SHARE);
    const receivedBefore = slow.map((client) => client.received.length);
    await Promise.all(slow.map(stop));
    const worstMs = await worstRoundTrip(world, others, stallMs, isEchoing);
    await world.check('slow/the-others-are-answered-meanwhile', () => ({
      ok: worstMs <= ROUND_TRIP_LIMIT_MS,
      message: `while ${slow.length} clients did not read, an answer to somebody else took ${worstMs === Infinity ? 'for ever' : `${Math.round(worstMs)} ms`}`,
      type: 'other-user-affected',
      severity: 'critical',
      figures: { slow: slow.length, others: others.length, worstMs: Math.round(Math.min(worstMs, 1e6)), stallMs },
    }));
    for (const client of slow) client.resume();
    if (!isEchoing)
      world.skip(
        'slow/who-reads-on-gets-everything-or-was-ended',
        'not visible',
        'the server sends nothing back, so that there is nothing not to read',
      );
    else
      await world.check('slow/who-reads-on-gets-everything-or-was-ended', async () => {
        const isSettled = (client: Client, index: number): boolean =>
          client.closedByServer !== undefined ||
          client.state === 'ended' ||
          client.received.length - (receivedBefore[index] ?? 0) >= STALLED_MESSAGE_COUNT;
        const { last } = await world.until(
          () => slow.filter(isSettled).length,
          (count) => count === slow.length,
          CATCH_UP_MS,
        );
        const ended = slow.filter((client) => client.state === 'ended').length;
        return {
          ok: last === slow.length,
          message: `${slow.length - last} of ${slow.length} slow readers are connected and got fewer than the ${STALLED_MESSAGE_COUNT} messages that were sent`,
          type: 'unresponsive-connection',
          figures: { slow: slow.length, caughtUpOrEnded: last, ended, messages: STALLED_MESSAGE_COUNT },
        };
      });
    if (silenceMs === undefined)
      world.skip(
        'slow/who-stalls-for-good-is-let-go',
        'not promised',
        'nobody said that a silent peer is noticed within a time a check can wait for (--silence)',
      );
    else
      await world.check('slow/who-stalls-for-good-is-let-go', async () => {
        const entry = await world.enterWithin(world.user(STALLED_USER), deadlineMs);
        if (!entry.admitted) throw new Error('nobody was admitted who could stall');
        await stop(entry.client);
        const gone = await world.countGone([entry.client], silenceMs + deadlineMs);
        return {
          ok: gone === 1,
          message: `a client that stopped reading for good is still connected ${silenceMs + deadlineMs} ms later`,
          type: 'silence-undetected',
          figures: { silenceMs, gone },
        };
      });
    if ((await world.usage(world.user(SLOW_USER))) === undefined)
      return world.skip(
        'slow/nothing-is-held-afterwards',
        'not visible',
        'the server shows no factory that can be asked',
      );
    await world.check('slow/nothing-is-held-afterwards', async () => {
      await Promise.all([...slow, ...others].map((client) => client.end('rst')));
      const { last } = await world.until(
        async () => {
          const users = [SLOW_USER, OTHER_USER, STALLED_USER].map((index) => world.user(index));
          const usages = await Promise.all(users.map((user) => world.usage(user)));
          return usages.reduce((sum, usage) => sum + (usage?.held ?? 0), 0);
        },
        (held) => held === 0,
        deadlineMs,
      );
      return {
        ok: last === 0,
        message: `all have left, and ${last} are held ${deadlineMs} ms later`,
        type: 'managers-left',
        figures: { held: last },
      };
    });
  },
});

/** A busy server may take longer for its first answers. */
async function isEchoAfterAll(client: Client): Promise<boolean> {
  for (let count = 0; count < ECHO_TRIES; count += 1) if (await isEcho(client)) return true;
  return false;
}

/** Echoes, or else pings, of the others, one after another, for as long as the slow do not read. */
async function worstRoundTrip(
  world: ScenarioWorld,
  others: readonly Client[],
  forMs: number,
  isEchoing: boolean,
): Promise<number> {
  const endAtMs = performance.now() + forMs;
  let worstMs = 0;
  for (let round = 0; performance.now() < endAtMs || round === 0; round += 1) {
    const tookMs = await Promise.all(
      others.map((client) => (isEchoing ? roundTrip(client, `round ${round}`) : pingTrip(client))),
    );
    worstMs = Math.max(worstMs, ...tookMs);
    if (worstMs > ROUND_TRIP_LIMIT_MS) return worstMs;
    await world.pause(20);
  }
  return worstMs;
}

async function roundTrip(client: Client, text: string): Promise<number> {
  const sentAtMs = performance.now();
  client.send(text);
  for (;;) {
    const leftMs = sentAtMs + 2 * ROUND_TRIP_LIMIT_MS - performance.now();
    const frame = leftMs > 0 ? await client.next(leftMs).catch(() => undefined) : undefined;
    if (frame === undefined) return Infinity;
    if (textOf(frame).includes(text)) return performance.now() - sentAtMs;
  }
}

async function pingTrip(client: Client): Promise<number> {
  const sentAtMs = performance.now();
  return (await client.ping(2 * ROUND_TRIP_LIMIT_MS)) ? performance.now() - sentAtMs : Infinity;
}
