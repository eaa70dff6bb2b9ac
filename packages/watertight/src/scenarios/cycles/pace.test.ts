import { expect, test } from 'vitest';

import { judgePace } from './pace.ts';

test('[N33] cycles over their budget convict nobody, and say what would settle it', () => {
  expect(judgePace(100, 1_000)).toEqual({ ok: true, figures: { elapsedMs: 1_000, budgetMs: 30_000, perSecond: 100 } });
  expect(judgePace(100, 30_000).ok).toBe(true);
  expect(() => judgePace(100, 39_424.4)).toThrow(
    '100 cycles took 39424 ms, 30000 ms are allowed: fewer of them (--cycles), or a less busy machine, would settle it',
  );
});
