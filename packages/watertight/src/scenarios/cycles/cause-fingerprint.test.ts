import { expect, test } from 'vitest';

import { fingerprintOf } from './cause-fingerprint.ts';

test('[V26] counts, lines and folders leave the fingerprint as it is; another function does not', () => {
  const place = (file: string, line: number, functionName = 'onOpen') =>
    ({ functionName, file, line, column: 1, owner: { is: 'application' } }) as const;
  const one = fingerprintOf({ kind: 'objects', name: 'Session', allocatedAt: place('src/chat.ts', 41) });
  expect(fingerprintOf({ kind: 'objects', name: 'Session', allocatedAt: place('src/chat.ts', 97) })).toBe(one);
  expect(
    fingerprintOf({ kind: 'objects', name: 'Session', allocatedAt: place('src/chat.ts', 41, 'onClose') }),
  ).not.toBe(one);
  const inPackage = fingerprintOf({ kind: 'objects', name: 'A', allocatedAt: place('/x/node_modules/p/i.js', 1) });
  expect(fingerprintOf({ kind: 'objects', name: 'A', allocatedAt: place('/y/z/node_modules/p/i.js', 1) })).toBe(
    inPackage,
  );
});
