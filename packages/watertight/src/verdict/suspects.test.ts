import { expect, test } from 'vitest';

import { HEAP, lookAt } from '../../test/look-at.ts';
import type { Series, Site } from '../evidence/series.ts';
import { doubtStacks, judgeSuspects } from './suspects.ts';

/** Baseline, three windows, a wait of 30 s, and a window of which nothing is that old. */
const looks = [
  lookAt(0, 0),
  lookAt(29, 1_000),
  lookAt(33, 2_000),
  lookAt(38, 3_000),
  lookAt(0, 33_000),
  lookAt(200, 40_000),
];

const connections = (...counts: number[]): Series => ({
  kind: 'objects',
  key: 'objects:1',
  name: 'Client',
  counts,
  about: {},
});

function madeBy(...objects: number[]): Site {
  const cycles = looks.filter((look) => look.cycles > 0).map((look) => look.cycles);
  return {
    site: {
      key: 'open',
      stack: [{ functionName: 'open', url: '/app.js', scriptId: '1', line: 1, column: 1 }],
      windows: [],
      sizes: [],
    },
    windows: cycles.map((count, index) => ({ cycles: count, objects: objects[index] ?? 0, bytes: 0 })),
    bySize: [objects],
  };
}

const stacksOf = (series: Series, site: Site): readonly string[] =>
  judgeSuspects(looks, [series], [site], { doubt: false }).flatMap((it) => (it.from === 'site' ? [it.growth.is] : []));

test('[V22] what stands with something that goes by itself after a while is not judged by stacks before it is as old', () => {
  const late = connections(10, 39, 72, 110, 10, 210);
  expect(stacksOf(late, madeBy(0, 4, 0, 6))).toEqual([]);
  expect(stacksOf(late, madeBy(0, 0, 0, 200))).toEqual([]);
  expect(stacksOf(late, madeBy(29, 33, 38, 200))).toEqual(['leak']);
});

test('[V22] a straggler that goes by itself does not hold what every cycle left', () => {
  const straggler = connections(10, 10, 12, 10, 10, 10, 14, 10);
  const leak = connections(10, 39, 72, 110, 110, 310, 510, 510);
  const unsampled = { ...HEAP, sampled: false };
  const longer = [...looks, { ...lookAt(200, 41_000), heap: unsampled }, { ...lookAt(0, 81_000), heap: unsampled }];
  const stacksBeside = (late: Series): readonly string[] =>
    judgeSuspects(longer, [late, leak], [madeBy(29, 33, 38, 200)], { doubt: false }).map(
      (it) => `${it.from} ${it.growth.is}`,
    );
  expect(stacksBeside(straggler)).toEqual(['count late', 'count leak', 'site leak']);
});

test('[V20] where nothing goes by itself every window tells of the stacks', () => {
  expect(stacksOf(connections(10, 39, 72, 110, 110, 310), madeBy(1, 1, 1, 8))).toEqual(['leak']);
});

test('[V20] a stack alone convicts nobody after few cycles; beside a count that leaks it does', () => {
  const after = (series: Series, more: number): readonly string[] =>
    doubtStacks(
      judgeSuspects(looks, [series], [madeBy(29, 33, 38, 200)], { doubt: false }),
      '200 cycles more would take 9 s',
      more,
    ).map(({ growth }) => growth.is);
  const steady = connections(10, 10, 10, 10, 10, 10);
  expect(after(steady, 0)).toEqual(['undecided']);
  expect(after(steady, 1)).toEqual(['undecided']);
  expect(after(steady, 2)).toEqual(['leak']);
  expect(after(connections(10, 39, 72, 110, 110, 310), 0)).toEqual(['leak', 'leak']);
});

test('[V21] what Node alone makes now and then for its pools is no leak where nothing that is counted leaks', () => {
  const steady = connections(10, 10, 10, 10, 10, 10);
  const pooled = (url: string, ...objects: number[]): Site => {
    const { site, ...rest } = madeBy(...objects);
    const stack = site.stack.map((frame) => ({ ...frame, url }));
    return { ...rest, site: { ...site, stack } };
  };
  expect(stacksOf(steady, pooled('node:_http_common', 1, 1, 1, 8))).toEqual([]);
  const afterFew = (url: string, ...objects: number[]): readonly string[] => {
    const { windows, ...rest } = pooled(url, ...objects);
    const site = { ...rest, windows: windows.slice(0, objects.length) };
    const few = looks.slice(0, 1 + objects.length);
    return judgeSuspects(few, [connections(10, 10, 10, 10)], [site], { doubt: true }).map(({ growth }) => growth.is);
  };
  // As many as were in use at once, of 100 cycles.
  expect(afterFew('node:_http_common', 4, 5, 7)).toEqual([]);
  expect(afterFew('node:_http_common', 5, 6, 6)).toEqual(['leak']);
  expect(afterFew('/app.js', 4, 5, 7)).toEqual(['leak']);
  expect(stacksOf(steady, pooled('/app.js', 1, 1, 1, 8))).toEqual(['leak']);
  expect(stacksOf(steady, pooled('node:net', 29, 33, 38, 200))).toEqual(['leak']);
  expect(stacksOf(connections(10, 39, 72, 110, 110, 310), pooled('node:_http_common', 1, 1, 1, 8))).toEqual(['leak']);
});

test("[V21] where collections are counted as well, what Node alone makes unsteadily is nobody's leak", () => {
  const seen = looks.map((look) => ({ ...look, heap: { ...HEAP, collections: [] } }));
  const stacksSeen = (url: string, series: Series, ...objects: number[]): readonly string[] => {
    const { site, ...rest } = madeBy(...objects);
    const made = { ...rest, site: { ...site, stack: site.stack.map((frame) => ({ ...frame, url })) } };
    return judgeSuspects(seen, [series], [made], { doubt: false }).flatMap((it) =>
      it.from === 'site' ? [it.growth.is] : [],
    );
  };
  const steady = connections(10, 10, 10, 10, 10, 10);
  const grows = connections(10, 39, 72, 110, 110, 310);
  const uneven = [16, 7, 15, 87];
  expect(stacksOf(steady, { ...madeBy(...uneven) })).toEqual(['leak']);
  expect(stacksSeen('node:internal/stream_base_commons', steady, ...uneven)).toEqual([]);
  expect(stacksSeen('/app.js', steady, ...uneven)).toEqual(['leak']);
  expect(stacksSeen('node:internal/stream_base_commons', grows, ...uneven)).toEqual(['leak']);
  expect(stacksSeen('node:internal/stream_base_commons', steady, 29, 33, 38, 200)).toEqual(['leak']);
});

test('[V31] beside a leak that was counted a stack says where it was made, whatever the compiler put there in one window', () => {
  const compiled = {
    ...madeBy(29, 153, 38, 200),
    bySize: [
      [29, 33, 38, 200],
      [0, 120, 0, 0],
    ],
  };
  const judged = (series: Series): unknown =>
    judgeSuspects(looks, [series], [compiled], { doubt: false }).find(({ from }) => from === 'site')?.growth;
  expect(judged(connections(0, 29, 62, 100, 100, 300))).toEqual({
    is: 'leak',
    perCycle: 1,
    exact: true,
    low: 1,
    high: 1,
  });
  expect(judged(connections(0, 0, 0, 0, 0, 0))).not.toMatchObject({ is: 'leak' });
});
