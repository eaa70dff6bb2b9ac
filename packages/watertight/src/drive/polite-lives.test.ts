import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseIdentity } from './identity.ts';
import { openLifeDrive } from './lives.ts';
import { politeLives, politeManners } from './manners.ts';
import type { Recipe } from './recipes/types.ts';

const CONNECTIONS_OF_LIFE = 3;
const RATE = 20;

/** As polling does: each question over a connection of its own. */
const ASKING: Recipe = {
  name: 'asking',
  async live({ httpUrl }) {
    for (let count = 0; count < CONNECTIONS_OF_LIFE; count += 1)
      await new Promise<void>((resolve, reject) => {
        const asked = request(httpUrl, { agent: false }, (answer) => answer.resume().once('close', () => resolve()));
        asked.once('error', reject);
        asked.end();
      });
  },
};

test('[FL2] a polite rate counts every connection of a life', async () => {
  const openedAtMs: number[] = [];
  const server = createServer((_, response) => response.end('heard')).listen(0, '127.0.0.1');
  server.on('connection', () => openedAtMs.push(performance.now()));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { signal } = new AbortController();
  const url = new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const manners = politeManners({ ratePerSecond: RATE, onStorm: () => undefined, signal });
  const lives = await openLifeDrive({ url, identity: parseIdentity(), recipe: ASKING, random: () => 0.5, signal });
  onTestFinished(() => lives.dispose());
  const polite = politeLives(lives, manners);
  const startedAtMs = performance.now();
  for (const user of ['a', 'b', 'c'])
    expect(await polite.live({ user, ending: 'close-frame', patienceMs: 1_000 })).toMatchObject({ served: true });
  expect(openedAtMs).toHaveLength(3 * CONNECTIONS_OF_LIFE);
  // Before the last life lie those of two others. A timer may be a moment early.
  const last = openedAtMs.at(-CONNECTIONS_OF_LIFE) ?? 0;
  expect(last - startedAtMs).toBeGreaterThanOrEqual((2 * CONNECTIONS_OF_LIFE * 1_000) / RATE - 5);
});
