import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { SketchedHeap } from '../../test/trace/sketched-heap.ts';
import { fingerprintOf } from './fingerprint.ts';
import { PathGrowth } from './growth.ts';
import { retainedBytes } from './retained.ts';
import { independentRetainers } from './retainers.ts';
import { retainingPath } from './retaining-path.ts';
import { SourcePlaces } from './source-places.ts';

const folder = mkdtempSync(join(tmpdir(), 'watertight-places-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A module variable that holds a Map with one session, and a root of the runtime's that leads there quicker. */
function server(): { readonly heap: SketchedHeap; readonly session: number; readonly map: number } {
  const heap = new SketchedHeap();
  const handler = heap.node('closure', 'onConnection', 64, [7, 4, 2]);
  const context = heap.object('system / Context');
  const map = heap.object('Map');
  const table = heap.node('array', '');
  const session = heap.object('Session', 100);
  heap.hold(heap.root, 'property', 'handler', handler).hold(handler, 'internal', 'context', context);
  heap.hold(context, 'context', 'sessions', map).hold(map, 'internal', 'table', table);
  heap.hold(table, 'internal', '36', session);
  return { heap, session, map };
}

const names = (path: ReturnType<typeof retainingPath>): string[] =>
  path?.steps.map(({ kind, name, className }) => `${kind} ${name}: ${className}`) ?? [];

describe('a retaining path', () => {
  it('[S7] names property, variable and class, and folds what is V8’s own', async () => {
    const { heap, session } = server();
    expect(names(retainingPath(await heap.graph(), session))).toEqual([
      'property handler: onConnection()',
      'variable sessions: Map',
      'element : Session',
    ]);
  });

  it('[S8] goes through the program before handles, through handles before the stack, and never through weak references', async () => {
    const { heap, session } = server();
    const roots = heap.node('synthetic', '(GC roots)');
    const handles = heap.node('synthetic', '(Global handles)');
    const stack = heap.node('synthetic', '(Stack roots)');
    heap.hold(heap.root, 'element', 1, roots).hold(roots, 'element', 1, stack).hold(roots, 'element', 2, handles);
    heap.hold(handles, 'element', 1, session).hold(stack, 'element', 1, session);
    const handled = heap.object('Handled');
    heap.hold(stack, 'element', 2, handled).hold(handles, 'element', 2, handled);
    const strings = heap.node('synthetic', '(Internalized strings)');
    const listed = heap.node('string', 'listed');
    heap.hold(roots, 'element', 3, strings).hold(strings, 'element', 1, listed).hold(stack, 'element', 3, listed);
    const weakly = heap.object('Weakly');
    heap.hold(session, 'weak', 'w', weakly);
    const graph = await heap.graph();
    expect(retainingPath(graph, session)?.root).toBe('(global)');
    expect(retainingPath(graph, handled)?.root).toBe('(Global handles)');
    expect(retainingPath(graph, listed)?.root).toBe('(Stack roots)');
    expect(independentRetainers(graph, listed).count).toBe(1);
    expect(retainingPath(graph, weakly)).toBeUndefined();
  });

  it('[S8] does not take the table of a WeakMap for a holder of its values', async () => {
    const { heap, map } = server();
    const table = heap.node('array', '');
    const value = heap.object('Value');
    const key = heap.object('Key');
    const pair = `1 / part of key (Key @${1 + 2 * key}) -> value (Value @${1 + 2 * value}) pair in WeakMap (table @${1 + 2 * table})`;
    heap.hold(map, 'property', 'cache', table).hold(table, 'internal', pair, value).hold(key, 'internal', pair, value);
    expect(retainingPath(await heap.graph(), value)).toBeUndefined();
    heap.hold(map, 'property', 'last', key);
    expect(names(retainingPath(await heap.graph(), value)).at(-1)).toBe('weak map entry : Value');
  });

  it('[S9] leads to the lines of TypeScript, through a map beside the file, in the file, or told by a debugger', async () => {
    const { heap, session } = server();
    const mappings = ';;;;EAUI';
    const map = JSON.stringify({ version: 3, sources: ['../src/chat.ts'], names: [], mappings });
    const inline = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
    const script = '\n\n\n\n  x\n';
    writeFileSync(join(folder, 'beside.js'), `${script}//# sourceMappingURL=beside.js.map\n`);
    writeFileSync(join(folder, 'beside.js.map'), map);
    writeFileSync(join(folder, 'inline.js'), `${script}//# sourceMappingURL=${inline}\n`);
    writeFileSync(join(folder, 'told.js'), script);
    writeFileSync(join(folder, 'broken.js'), `${script}//# sourceMappingURL=none.map\n`);
    const graph = await heap.graph();
    const placeIn = (file: string, sourceMapUrl?: string): unknown => {
      const places = new SourcePlaces(graph, new Map([[7, { url: `file://${join(folder, file)}`, sourceMapUrl }]]));
      return retainingPath(graph, session, { places })?.steps[0]?.place;
    };
    const original = { url: join(folder, '../src/chat.ts'), line: 11, column: 5, mapped: true };
    for (const place of [placeIn('beside.js'), placeIn('inline.js'), placeIn('told.js', inline)])
      expect(place).toEqual(original);
    expect(placeIn('broken.js')).toEqual({ url: join(folder, 'broken.js'), line: 5, column: 3, mapped: false });
  });
});

describe('retainers', () => {
  it('[S10] are two when two hold independently, and one when both hang on the same', async () => {
    const { heap, session, map } = server();
    const wrapper = heap.object('Wrapper');
    heap.hold(session, 'property', 'wrapper', wrapper).hold(wrapper, 'property', 'session', session);
    expect(independentRetainers(await heap.graph(), session)).toMatchObject({ count: 1, atLeast: false });
    const list = heap.global('everybody', 'Array');
    heap.hold(list, 'element', 0, session);
    const both = independentRetainers(await heap.graph(), session);
    expect(both).toMatchObject({ count: 2, atLeast: false });
    expect(new Set(both.paths.map(({ steps }) => steps[0]?.name))).toEqual(new Set(['everybody', 'handler']));
    expect(independentRetainers(await heap.graph(), session, { maxCount: 1 })).toMatchObject({
      count: 1,
      atLeast: true,
    });
    expect(retainedBytes(await heap.graph(), [map])).toBe(32);
    expect(retainedBytes(await heap.graph(), [session])).toBe(116);
  });
});

describe('retainers of what a handle of the runtime holds', () => {
  it('[S10] come to an end, although the object of a handle leads back to the list it is on', async () => {
    const heap = new SketchedHeap();
    const list = heap.node('synthetic', 'Node / TCPSocketWrap');
    const handle = heap.object('TCP');
    const session = heap.object('Session');
    heap.hold(heap.root, 'element', 1, list).hold(list, 'internal', 'native_to_javascript', handle);
    heap.hold(handle, 'internal', 'javascript_to_native', list).hold(handle, 'property', 'session', session);
    const graph = await heap.graph();
    expect(independentRetainers(graph, session, { bornAfterId: graph.id(heap.root) })).toMatchObject({
      count: 1,
      atLeast: false,
    });
  });
});

describe('a fingerprint', () => {
  it('[S11] stays with names, whatever the ids, the keys and the folder', async () => {
    const { heap, session } = server();
    const path = retainingPath(await heap.graph(), session);
    const again = server().heap.startIdsAt(900_001);
    const later = retainingPath(await again.graph('Node 24'), session);
    if (!path || !later) throw new Error('no path');
    const place = (url: string) => ({ url, line: 3, column: 1, mapped: false });
    expect(fingerprintOf(path, place('/home/a/chat.js'))).toBe(fingerprintOf(later, place('/srv/b/chat.js')));
    expect(fingerprintOf(path, place('/home/a/chat.js'))).not.toBe(fingerprintOf(path, place('/home/a/feed.js')));
  });
});

describe('growth', () => {
  const listOf = (count: number): SketchedHeap => {
    const heap = new SketchedHeap();
    let last = heap.global('list', 'List');
    for (let at = 0; at < count; at += 1) {
      const next = heap.object('Link');
      heap.hold(last, 'property', '_next', next);
      last = next;
    }
    return heap;
  };
  const grown = async (counts: readonly number[], cycles?: readonly number[]) => {
    const growth = new PathGrowth();
    for (const count of counts) growth.add(await listOf(count).graph());
    return growth.growing(cycles);
  };

  it('[S4] of a list is one place however long it is', async () => {
    const [found, ...others] = await grown([5, 15, 30], [10, 15]);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      className: 'Link',
      counts: [5, 15, 30],
      perCycle: 1,
      exact: true,
      bytesPerCycle: 16,
    });
  });

  it.each([
    ['a cache that fills up', [5, 50, 50], [50, 50]],
    ['a burst', [5, 50, 52], [50, 50]],
    ['a ring that was emptied', [50, 5, 50], [50, 50]],
    ['one object in two hundred cycles', [5, 6, 7], [200, 200]],
  ])('[S5] is not seen in %s', async (_, counts, cycles) => {
    expect(await grown(counts, cycles)).toEqual([]);
  });

  it.each([
    ['one in ten', [5, 15, 26], [100, 103], 0.103],
    ['seven a cycle', [0, 91, 168], [13, 11], 7],
  ])('[S5] is seen in %s', async (_, counts, cycles, perCycle) => {
    const found = await grown(counts, cycles);
    expect(found.map((one) => one.perCycle)).toEqual([expect.closeTo(perCycle, 2)]);
  });

  it('[S5] without cycles is what grew in every interval', async () => {
    expect(await grown([5, 50, 52])).toHaveLength(1);
    expect(await grown([5, 50, 50])).toEqual([]);
  });

  it('[S5] asks for as many numbers of cycles as there are intervals', async () => {
    await expect(grown([1, 2], [3, 4])).rejects.toThrow('2 heaps need 1 numbers of cycles above 0, not [3, 4]');
    await expect(grown([1], [])).rejects.toThrow('growth needs at least 2 heaps, not 1');
  });
});
