import { expect, test } from 'vitest';

import { wsRecipe } from '../../drive/recipes/ws.ts';
import { evidenceOf } from './evidence-rows.ts';

const unseenBy = (send: readonly string[], introduces = false): readonly string[] =>
  evidenceOf(
    { examination: { looks: [], heap: undefined }, endings: [], suspects: [] },
    { recipe: wsRecipe({ send }), introduces },
  ).unseen;

test('[V12] clients without a message say that nothing was looked for in what the server keeps of messages', () => {
  expect(unseenBy([]).join()).toContain('--send');
  expect(unseenBy([]).join()).toContain('--user message:');
  expect(unseenBy(['hello'])).toEqual([]);
});

test('[V12] clients that say who they are in a message said that, and nothing was looked for in what is kept of others', () => {
  expect(unseenBy([], true)).toEqual([
    'the clients of the cycles said nothing but who they are, in their first message: what the server keeps of further messages was not looked for (--send <text>, or a --recipe of yours)',
  ]);
  expect(unseenBy(['hello'], true)).toEqual([]);
});
