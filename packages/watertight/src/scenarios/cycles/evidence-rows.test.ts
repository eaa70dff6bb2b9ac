import { expect, test } from 'vitest';

import { wsRecipe } from '../../drive/recipes/ws.ts';
import { evidenceOf } from './evidence-rows.ts';

const unseenBy = (send: readonly string[]): readonly string[] =>
  evidenceOf({ examination: { looks: [], heap: undefined }, endings: [], suspects: [] }, wsRecipe({ send })).unseen;

test('[V12] clients without a message say that nothing was looked for in what the server keeps of messages', () => {
  expect(unseenBy([]).join()).toContain('--send');
  expect(unseenBy(['hello'])).toEqual([]);
});
