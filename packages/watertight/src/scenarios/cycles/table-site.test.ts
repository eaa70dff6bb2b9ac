import { expect, test } from 'vitest';

import type { Look } from '../../evidence/examination.ts';
import type { Series } from '../../evidence/series.ts';
import type { SurvivorSite } from '../../inspector/heap-types.ts';
import type { FindingKind } from '../../verdict/finding.ts';
import { tableSiteOf } from './table-site.ts';

const COUNT = 1_000;
/** As an array of so many has it, with room for half as many again. */
const TABLE_BYTES = 8 * (COUNT * 1.5 + 16);

const frame = (functionName: string, url: string) => ({ functionName, url, scriptId: '1', line: 1, column: 1 });
const site = (bytes: number, ...stack: SurvivorSite['stack']): SurvivorSite => ({
  key: `${bytes}${stack.map(({ functionName }) => functionName).join()}`,
  stack,
  windows: [],
  sizes: [{ bytes, objects: 1, windows: [1] }],
});
const registering = site(
  TABLE_BYTES,
  frame('addListener', 'node:events'),
  frame('catchUpgrade', '/app/node_modules/proxy/index.js'),
);
const unrelated = site(TABLE_BYTES, frame('readPage', '/app/server.mjs'));

function looksWith(...survivors: readonly SurvivorSite[]): readonly Look[] {
  const looks: unknown[] = [{ heap: { sampled: true, survivors: [] } }, { heap: { sampled: true, survivors } }];
  return [...looks, { heap: { sampled: false, survivors: [] } }] as readonly Look[];
}

const series = (kind: FindingKind, counts: Series['counts']): Series => ({
  kind,
  key: '',
  name: '',
  counts,
  about: {},
});
const grown = [2, COUNT, 9_000];

test('[V28] who registers the same listener again and again is known by the list that grows for it', () => {
  expect(tableSiteOf(looksWith(unrelated, registering), series('listeners', grown))).toBe(registering);
});

test('[V28] a collection that is made anew each time is known by the line whose tables are all of the last window', () => {
  const copied: Series = { ...series('collection', [undefined, 2, COUNT]), about: { isCopied: true } };
  const made = (key: string, ...windows: readonly number[]): SurvivorSite => ({
    ...unrelated,
    key,
    sizes: [{ bytes: TABLE_BYTES, objects: 1, windows }],
  });
  const [copying, staying] = [made('copying', 0, 0, 1), made('staying', 0, 1, 0)];
  const engine = { ...copying, key: 'engine', stack: [frame('emit', 'node:events')] };
  const looksAt = (...survivors: readonly SurvivorSite[]): readonly Look[] =>
    [0, 20, 33].map((cycles, index) => ({ cycles, heap: { index, sampled: true, survivors } })) as unknown as Look[];
  expect(tableSiteOf(looksAt(staying, engine, copying), copied)).toBe(copying);
  expect(tableSiteOf(looksAt(staying), copied)).toBeUndefined();
});

test('[V28] nobody is blamed for a table that may be of several, is too small, or belongs to something else', () => {
  expect(tableSiteOf(looksWith(unrelated), series('listeners', grown))).toBeUndefined();
  expect(tableSiteOf(looksWith(registering, unrelated), series('collection', grown))).toBeUndefined();
  expect(tableSiteOf(looksWith(registering), series('listeners', [2, 9, 9_000]))).toBeUndefined();
  expect(tableSiteOf(looksWith(registering), series('listeners', [2, 10 * COUNT, 9_000]))).toBeUndefined();
  expect(tableSiteOf(looksWith(registering), series('objects', grown))).toBeUndefined();
});
