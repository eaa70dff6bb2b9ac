import { expect, test } from 'vitest';
import { listenForStop } from './stop-signal.ts';

test('[C26] whoever goes on until it is interrupted is stopped by no timer', () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  using bounded = listenForStop(60_000, () => undefined);
  expect(timers()).toBe(before + 1);
  bounded[Symbol.dispose]();
  using unbounded = listenForStop(undefined, () => undefined);
  expect(timers()).toBe(before);
  unbounded.stop('enough');
  expect([unbounded.reason, unbounded.failure]).toEqual(['enough', undefined]);
});
