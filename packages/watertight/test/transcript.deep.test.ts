import { expect, it } from 'vitest';

import { openDoor, type Door } from '../src/inspector/open.ts';
import { seededRandom } from '../src/drive/seeded-random.ts';
import { live, startTranscriptServer } from './transcript-lives.ts';

const LIVES = 40;
const SEED = 7;

/** The same lives against a fresh server; `beside` is what goes on there meanwhile. */
async function transcript(beside?: (door: Door, life: number) => Promise<void>, ...args: string[]): Promise<string[]> {
  const { pid, port } = await startTranscriptServer(...args);
  const door = beside === undefined ? undefined : await openDoor(pid);
  const random = seededRandom(SEED, 'transcript');
  const said: string[] = [];
  for (let life = 0; life < LIVES; life += 1) {
    const looking = door && beside?.(door, life);
    said.push(await live(port, random, `u${life}`));
    await looking;
  }
  await door?.close();
  return said;
}

it(
  '[I35] a seeded sequence of lives gets the same bytes with and without a view, and while the heap is examined',
  { timeout: 120_000 },
  async () => {
    const alone = await transcript();
    expect(new Set(alone).size).toBeGreaterThan(LIVES / 2);
    expect(alone.some((text) => text.startsWith('HTTP/1.1 403'))).toBe(true);
    const looked = await transcript(async ({ view }, life) => {
      await view.handles();
      await view.loopDelayMs();
      if (life % 8 === 0) await view.instances();
    });
    expect(looked).toEqual(alone);
    let heap: Awaited<ReturnType<Door['view']['examineHeap']>> | undefined;
    const examined = await transcript(async ({ view }, life) => {
      heap ??= await view.examineHeap();
      if (life % 16 === 0) await heap.look({ classes: true, collections: true });
      if (life === LIVES - 1) await heap.close();
    });
    expect(examined).toEqual(alone);
  },
);

it(
  '[I35] a server that answers otherwise while it is looked at is caught by the same comparison',
  { timeout: 120_000 },
  async () => {
    const alone = await transcript(undefined, '--tells');
    const looked = await transcript(async ({ view }) => void (await view.handles()), '--tells');
    expect(looked).not.toEqual(alone);
  },
);
