import { afterEach, expect, test, vi } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';

// A look collects garbage several times over, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

test('[I20] what a worker thread keeps is counted in its own heap', async () => {
  const examined = await examineFixture('worker-leaks.mjs');
  leftovers.push(examined);
  const { workers, close } = await examined.view.examineWorkers();
  expect(workers).toMatchObject([{ reason: undefined }]);
  const [worker] = workers;
  expect(worker?.url).toMatch(/worker-leaks\.mjs$/);
  const options = { classes: true, collections: false };
  await examined.tell('100');
  await worker?.examination?.look(options);
  await examined.tell('37');
  const look = await worker?.examination?.look(options);
  const count = look?.classes.find(({ name }) => name === 'KeptInWorker')?.count;
  expect(count).toBe(137);
  const site = look?.survivors.find(({ sizes }) => sizes.some(({ windows }) => windows[1] === 37));
  expect(site?.stack.some(({ url }) => url.endsWith('worker-leaks.mjs'))).toBe(true);
  expect((await examined.look()).classes.find(({ name }) => name === 'KeptInWorker')).toBeUndefined();
  await close();
  expect(await examined.tell('1')).toBe('done');
});

test('[I20] a worker that ends makes its calls fail, and closing returns', async () => {
  const examined = await examineFixture('worker-leaks.mjs');
  leftovers.push(examined);
  const { workers, close } = await examined.view.examineWorkers();
  expect(await examined.tell('end')).toBe('ended');
  await expect(workers[0]?.examination?.look({ classes: true, collections: false })).rejects.toThrow(/worker/);
  await close();
  expect((await examined.view.examineWorkers()).workers).toEqual([]);
});
