import { expect, test } from 'vitest';

import { leakOfSessions } from '../../../test/sample-finding.ts';
import { findingLines } from '../../report/findings.ts';
import { sayFinding, sayPath } from './finding-sentence.ts';

test('[V26] what nothing else in the heap holds is said to be a root itself', () => {
  const root = { edge: '', edgeKind: 'root', name: 'Node / UDPWrap', scope: null, place: null } as const;
  expect(sayPath([root])).toBe('nothing in the heap: it is a root itself, as an open handle is');
  expect(sayPath([root, { ...root, edgeKind: 'property', edge: 'socket', name: 'Socket' }])).toContain('.socket');
});

test('[S20] of an entry of a WeakMap it is said that it is one, with the name of the WeakMap where there is one', () => {
  const root = { edge: '', edgeKind: 'root', name: '(GC roots)', scope: null, place: null } as const;
  const key = { ...root, edgeKind: 'variable', edge: 'lobby', name: 'Room' } as const;
  const list = { ...root, edgeKind: 'entry', edge: 'members', name: 'Array' } as const;
  const last = { ...root, edgeKind: 'element', edge: '0', name: 'Object' } as const;
  expect(sayPath([root, key, list, last])).toBe('Array in the WeakMap members, by its key ← Room lobby');
  expect(sayPath([root, key, { ...list, edge: '' }])).toBe('in a WeakMap, by its key ← Room lobby');
});

test('[V34, V35] of what has no place of its own the sentence says, as the lines below it do, what hangs on it', () => {
  const owner = { is: 'application' } as const;
  const definedAt = { functionName: 'onNews()', file: 'chat.mjs', line: 3, column: 7, owner };
  const port = { ...leakOfSessions, name: 'MessagePort', allocatedAt: null, allocationStack: [], definedAt };
  expect(sayFinding(port)).toContain(' — leads to chat.mjs:3:7 in onNews() — ');
  expect(findingLines(port)[0]).toEqual({ label: 'leads to', text: 'chat.mjs:3:7 in onNews()' });
  const listener = { ...port, name: 'onNews()' };
  expect(sayFinding(listener)).toContain(' — defined at chat.mjs:3:7 in onNews() — ');
  expect(findingLines(listener)[0]?.label).toBe('defined');
});
