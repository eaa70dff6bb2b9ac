import { afterEach, expect, test, vi } from 'vitest';
import { type Examined, examineFixture } from '../../test/heap-process.ts';

const leftovers: Examined[] = [];
afterEach(async () => {
  for (const examined of leftovers.splice(0)) await examined.end();
});

async function complaining(...args: string[]): Promise<Examined> {
  const examined = await examineFixture('complains.mjs', { args });
  leftovers.push(examined);
  return examined;
}

test('[I37] warnings, swallowed exceptions and rejections are counted, with the first text and no getter run', async () => {
  const { view, tell } = await complaining('--swallows');
  expect(await view.complaints()).toEqual([]);
  await tell('warning 3');
  await tell('exception 2');
  await tell('rejection 4');
  await tell('handled 5');
  expect(await tell('trap 1')).toBe('trap done, 0 traps');
  const heard = await view.complaints();
  expect(heard).toContainEqual({ is: 'warning', name: 'SlowWarning', count: 3, firstText: 'number 0 is slow' });
  expect(heard).toContainEqual({ is: 'uncaught exception', name: 'RangeError', count: 2, firstText: 'too much' });
  await vi.waitFor(async () => {
    const rejections = (await view.complaints()).find(({ is }) => is === 'unhandled rejection');
    expect(rejections?.count).toBe(4);
  });
});

test('[I37] the listeners are not counted among those of the process, and are gone with the view', async () => {
  const { view, tell } = await complaining('--swallows');
  const before = await view.processListeners();
  expect(before).toMatchObject({ warning: 1, uncaughtException: 1 });
  expect(before).not.toHaveProperty('uncaughtExceptionMonitor');
  expect(await tell('listeners 1')).toMatch(/^warning 2, uncaughtExceptionMonitor 1/);
  await view.close();
  expect(await tell('listeners 1')).toMatch(/^warning 1, uncaughtExceptionMonitor 0/);
});

test('[I37] where a program watches who listens, nobody of ours does', async () => {
  const { view, tell } = await complaining('--watches');
  expect(await tell('listeners 1')).toMatch(/^warning 1, uncaughtExceptionMonitor 0, 0 seen/);
  await tell('warning 3');
  expect(await view.complaints()).toEqual([]);
});

test('[I37] a process that dies of a rejection dies of it all the same', async () => {
  const { child, tell } = await complaining();
  await expect(tell('rejection 1')).rejects.toThrow(/ended/);
  expect(child.exitCode).toBe(1);
});

test('[I38] realms of node:vm are counted exactly, ours is not', async () => {
  const { look, tell } = await examineFixture('leaks.mjs').then((examined) => (leftovers.push(examined), examined));
  expect((await look()).otherRealmCount).toBe(0);
  await tell('realm 3');
  expect((await look()).otherRealmCount).toBe(3);
});
