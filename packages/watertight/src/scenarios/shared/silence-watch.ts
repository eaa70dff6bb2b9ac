import type { Client } from '../../drive/types.ts';
import { isEcho, stallFull } from './fill-buffers.ts';
import type { Crowd } from './crowd.ts';
import type { LoopWatch } from './loop-watch.ts';
import { poll } from '../../evidence/poll.ts';
import { promisedLimit } from './promised.ts';
import { roomFor } from './room-for.ts';
import type { Sample } from '../timing/timed.ts';
import type { ScenarioContext } from '../types.ts';

/** How often a silent connection is looked at; a figure is that much too high at most. */
const LOOK_EVERY_MS = 50;
const SILENT_COUNT = 2;

/** How long the server took to notice that peers went silent; from inside until the slot was free, else until the socket was gone. */
export interface SilenceSeen {
  readonly noticed: readonly Sample[];
  readonly gone: readonly Sample[];
  readonly loopDelayMs: number;
  /** How long it took to send what a peer does not read. The server reads it no faster, and each byte is a sign of life. */
  readonly sendingMs: number;
}

/** Who falls silent, and how long the server may take to let go of them. */
interface SilenceTrial {
  readonly user: string;
  readonly how: 'vanish' | 'stall';
  readonly silenceMs: number;
  readonly cleanupMs: number;
  readonly patienceMs: number;
}

/**
 * Lets two connections of a user in, or one where its limit is one, and makes them silent; returns at once, and `seen` comes when the
 * server has let go of all or `silenceMs + cleanupMs + patienceMs` have passed.
 */
export async function goSilent(
  context: ScenarioContext,
  crowd: Crowd,
  loops: LoopWatch,
  silence: SilenceTrial,
): Promise<{ readonly seen: Promise<SilenceSeen> }> {
  const count = roomFor(SILENT_COUNT, promisedLimit(context.promises));
  const clients = await crowd.fill(silence.user, count);
  const span = await loops.open();
  if (clients.length < count)
    throw new Error(`${clients.length} of ${count} connections of ${silence.user} were admitted`);
  const { silentAtMs, sendingMs } = silence.how === 'vanish' ? vanish(clients) : await stall(clients);
  const seen = watch(context, clients, silence, silentAtMs).then(async (samples) => ({
    ...samples,
    loopDelayMs: await span.worstMs(),
    sendingMs,
  }));
  // Looked at when everything else is done; it must not be unhandled until then.
  void seen.catch(() => undefined);
  return { seen };
}

interface Silence {
  readonly silentAtMs: number;
  readonly sendingMs: number;
}

function vanish(clients: readonly Client[]): Silence {
  for (const client of clients) client.vanish();
  return { silentAtMs: performance.now(), sendingMs: 0 };
}

/** The first, where the server echoes, with full buffers; the others with nothing but the pings they do not read. */
async function stall([first, ...others]: readonly Client[]): Promise<Silence> {
  for (const client of others) client.stall();
  if (first === undefined) return { silentAtMs: performance.now(), sendingMs: 0 };
  if (!(await isEcho(first))) return { silentAtMs: await first.end('stall'), sendingMs: 0 };
  const beganAtMs = performance.now();
  const silentAtMs = await stallFull(first);
  return { silentAtMs, sendingMs: Math.max(0, silentAtMs - beganAtMs) };
}

async function watch(
  context: ScenarioContext,
  clients: readonly Client[],
  silence: SilenceTrial,
  silentAtMs: number,
): Promise<Pick<SilenceSeen, 'noticed' | 'gone'>> {
  const { user, how, silenceMs, cleanupMs, patienceMs } = silence;
  const factory = context.inside?.factory;
  const allMs = silenceMs + cleanupMs + patienceMs;
  const noticed: Sample[] = [];
  if (factory !== undefined) {
    const { reached } = await poll(
      () => factory.usage(user),
      (usage) => usage.held === 0,
      { deadlineMs: allMs, everyMs: LOOK_EVERY_MS, signal: context.signal },
    );
    noticed.push({ name: `${how} noticed`, elapsedMs: reached ? performance.now() - silentAtMs : Infinity });
  }
  const gone = await Promise.all(
    clients.map(async (client, index): Promise<Sample> => {
      const atMs = await goneAt(context, client, how, silentAtMs + allMs, factory !== undefined);
      return { name: `${how} ${index + 1} gone`, elapsedMs: atMs === undefined ? Infinity : atMs - silentAtMs };
    }),
  );
  return { noticed, gone };
}

/** A stalled wire sees the end only while it reads, and reading spoils the stall: it looks late, or once the server has said so. */
async function goneAt(
  context: ScenarioContext,
  client: Client,
  how: 'vanish' | 'stall',
  deadlineAtMs: number,
  isNoticed: boolean,
): Promise<number | undefined> {
  const leftMs = (): number => Math.max(0, deadlineAtMs - performance.now());
  if (how === 'vanish' || !isNoticed) return (await client.gone(leftMs() + LOOK_EVERY_MS))?.atMs;
  const { last } = await poll(
    () => client.gone(LOOK_EVERY_MS),
    (seen) => seen !== undefined,
    { deadlineMs: leftMs(), everyMs: LOOK_EVERY_MS, signal: context.signal },
  );
  return last?.atMs;
}
