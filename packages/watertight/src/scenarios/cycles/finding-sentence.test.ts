import { expect, test } from 'vitest';

import { sayPath } from './finding-sentence.ts';

test('[V26] what nothing else in the heap holds is said to be a root itself', () => {
  const root = { edge: '', edgeKind: 'root', name: 'Node / UDPWrap', scope: null, place: null } as const;
  expect(sayPath([root])).toBe('nothing in the heap: it is a root itself, as an open handle is');
  expect(sayPath([root, { ...root, edgeKind: 'property', edge: 'socket', name: 'Socket' }])).toContain('.socket');
});
