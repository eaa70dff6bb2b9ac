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

test('[V28] nobody is blamed for a table that may be of several, is too small, or belongs to something else', () => {
  expect(tableSiteOf(looksWith(unrelated), series('listeners', grown))).toBeUndefined();
  expect(tableSiteOf(looksWith(registering, unrelated), series('collection', grown))).toBeUndefined();
  expect(tableSiteOf(looksWith(registering), series('listeners', [2, 9, 9_000]))).toBeUndefined();
  expect(tableSiteOf(looksWith(registering), series('listeners', [2, 10 * COUNT, 9_000]))).toBeUndefined();
  expect(tableSiteOf(looksWith(registering), series('objects', grown))).toBeUndefined();
});
