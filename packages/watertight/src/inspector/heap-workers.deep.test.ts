import { afterEach, expect, test } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';
import type { HeapLook } from './heap-types.ts';

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

async function examine(): Promise<Examined> {
  const examined = await examineFixture('worker-leaks.mjs');
  leftovers.push(examined);
  return examined;
}

const kept = ({ classes }: HeapLook): number | undefined => classes.find(({ name }) => name === 'KeptInWorker')?.count;

test('[I20] what a worker thread keeps is counted with what the main thread keeps, and so is where it was made', async () => {
  const { look, tell, examination } = await examine();
  await tell('100');
  await look();
  await tell('37');
  const after = await look();
  expect(kept(after)).toBe(137);
  const site = after.survivors.find(({ sizes }) => sizes.some(({ windows }) => windows[1] === 37));
  expect(site?.stack.some(({ url }) => url.endsWith('worker-leaks.mjs'))).toBe(true);
  const { id } = after.classes.find(({ name }) => name === 'KeptInWorker') ?? { id: -1 };
  expect(await examination.positionOf(id)).toMatchObject({ functionName: 'KeptInWorker', line: 6 });
  expect(examination.unseen()).toEqual([]);
  await examination.close();
  expect(await tell('1')).toBe('done');
});

test('[I20] the heap that is written is that of the thread which keeps most', async () => {
  const { look, tell, examination } = await examine();
  await look();
  await look();
  await tell('2000');
  await look();
  let text = '';
  await examination.snapshot((chunk) => (text += chunk));
  expect(text).toContain('"KeptInWorker"');
  const { nodes, strings, snapshot } = JSON.parse(text) as {
    readonly nodes: readonly number[];
    readonly strings: readonly string[];
    readonly snapshot: { readonly meta: { readonly node_fields: readonly string[] } };
  };
  const { length } = snapshot.meta.node_fields;
  const name = strings.indexOf('KeptInWorker');
  const objects = nodes.filter((value, index) => index % length === 1 && value === name);
  expect(objects.length).toBeGreaterThan(1_999);
});

test('[I20] a worker that ends takes with it what it kept, and is said to have ended', async () => {
  const { look, tell, examination } = await examine();
  await tell('100');
  expect(kept(await look())).toBe(100);
  expect(await tell('end')).toBe('ended');
  expect(kept(await look())).toBeUndefined();
  expect(examination.unseen()).toEqual([expect.stringMatching(/worker-leaks\.mjs ended while it was examined$/)]);
});

test('[I20] a worker that starts before the baseline joins; one that starts later is left as it is, and that is said', async () => {
  const { look, tell, examination } = await examine();
  await look();
  expect(await tell('start')).toBe('ready');
  await look();
  await tell('40');
  const after = await look();
  expect(kept(after)).toBe(80);
  const made = after.survivors.filter(({ stack }) => stack.some(({ url }) => url.endsWith('worker-leaks.mjs')));
  expect(made.some(({ windows }) => (windows[2]?.objects ?? 0) >= 80)).toBe(true);
  await tell('start');
  await tell('1');
  expect(kept(await look())).toBe(82);
  expect(examination.unseen()).toEqual(['1 worker thread started after the baseline and was not examined']);
});
