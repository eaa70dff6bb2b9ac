import { expect, test } from 'vitest';
import { Bench } from '../test/factory-kit.ts';

test('[R9] the release of a manager that had nothing serves like any other promise, whoever asks and how often', async () => {
  const manager = new Bench().manager('ada');
  const released = manager.destroy('logout');
  const report = await released;
  expect(report).toMatchObject({ managerId: manager.id, user: 'ada', reason: 'logout', deadlineMet: true });
  expect(await Promise.all([manager.close(), manager.destroy(), manager.released])).toEqual([report, report, report]);
  let finallyRan = false;
  const passedOn = released.catch(() => undefined).finally(() => (finallyRan = true));
  expect([await passedOn, finallyRan]).toEqual([report, true]);
  expect(passedOn).toBeInstanceOf(Promise);
  await released.finally(() => (finallyRan = false));
  expect(finallyRan).toBe(false);
  expect(Object.prototype.toString.call(released)).toBe('[object Promise]');
  const failed = released.then(() => {
    throw new Error('of the one who waits');
  });
  await expect(failed).rejects.toThrow('of the one who waits');
});
