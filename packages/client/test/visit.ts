import type { RequestListener } from 'node:http';
import { expect, vi } from 'vitest';
import { type GuardedServer, guarded } from './guarded-server.ts';

/** What visitor.js tells. */
export interface Told {
  readonly atMs: number;
  readonly heard?: string;
  readonly stopped?: number;
  readonly code?: number;
  readonly delayMs?: number;
}

/** What the server asks for that turns a visitor away while it prepares. */
const ASKED_MS = 1000;
const patiently = { timeout: 60_000, interval: 20 };

/** Says hello to whoever comes in; the second attempt is turned away, to come back later. Refusals are told by close code. */
export async function turnstile(answer?: RequestListener): Promise<GuardedServer> {
  let attempts = 0;
  const server = await guarded(
    {
      refusal: 'close',
      init: (manager) => {
        attempts += 1;
        if (attempts === 2) void manager.destroy('not ready');
      },
    },
    {},
    answer,
  );
  server.wss.on('connection', (socket) => socket.send('hello'));
  return server;
}

/** The whole way of a client, whatever it runs in: in, sent away, turned away, in again once it may, banned. */
export async function goesTheWholeWay({ factory }: GuardedServer, told: () => Promise<readonly Told[]>): Promise<void> {
  const toldSoFar = async (count: number): Promise<void> =>
    await vi.waitFor(async () => expect((await told()).length).toBeGreaterThanOrEqual(count), patiently);

  await toldSoFar(1);
  await factory.closeAllForUser('ada');
  await toldSoFar(4);
  factory.setOverride('ada', { maxManagers: 0 });
  await factory.closeAllForUser('ada');
  await toldSoFar(6);

  const all = await told();
  expect(all).toMatchObject([
    { heard: 'hello' },
    { code: 1001, retry: 'retry', retryAfterMs: null },
    { code: 1012, retry: 'retry-later', retryAfterMs: ASKED_MS },
    { heard: 'hello' },
    { code: 1001, retry: 'retry', retryAfterMs: null },
    { stopped: 4403 },
  ]);
  const [, , turnedAway, back] = all;
  expect(turnedAway?.delayMs).toBeGreaterThanOrEqual(ASKED_MS);
  // Timers and clocks of a page are coarse.
  expect((back?.atMs ?? 0) - (turnedAway?.atMs ?? 0)).toBeGreaterThanOrEqual(ASKED_MS - 5);
  expect(factory.stats().refusedByReason).toEqual({ 'ended-during-init': 1, banned: 1 });
}
