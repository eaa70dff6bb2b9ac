import { expect, test } from 'vitest';

import { PROVOKED_WARNING } from '../verdict/complaint.ts';
import { PrintedComplaints } from './printed-complaints.ts';

const PRINTED = `ready
(node:4711) MaxListenersExceededWarning: Possible EventEmitter memory leak detected. 11 a listeners added
(Use \`node --trace-warnings ...\` to show where the warning was created)
(node:4711) [DEP0005] DeprecationWarning: Buffer() is deprecated
(node:4712) MaxListenersExceededWarning: another
(node:4711) Warning: Setting the NODE_TLS_REJECT_UNAUTHORIZED
Unhandled Promise Rejection at: Promise {} reason: Error: no
(node:4711) [WATERTIGHT_W_CALLBACK] Warning: ${PROVOKED_WARNING}, hung 1, user "test-user-1220")
a line with (node:1) in it and Warning: nothing
`;
const WANTED = [
  ['warning', 'MaxListenersExceededWarning', 2, 'Possible EventEmitter memory leak detected. 11 a listeners added'],
  ['warning', 'DeprecationWarning', 1, 'Buffer() is deprecated'],
  ['warning', 'Warning', 1, 'Setting the NODE_TLS_REJECT_UNAUTHORIZED'],
  ['unhandled rejection', 'rejection', 1, 'Unhandled Promise Rejection at: Promise {} reason: Error: no'],
];

test.each([1, 7, 10_000])('[K17] warnings and rejections are found in pieces of %d characters', (pieceLength) => {
  const printed = new PrintedComplaints();
  for (let at = 0; at < PRINTED.length; at += pieceLength) printed.add(PRINTED.slice(at, at + pieceLength));
  expect(printed.all.map(({ is, name, count, firstText }) => [is, name, count, firstText])).toEqual(WANTED);
});

test('[K17] a target that prints without end or ever new names is kept within bounds', () => {
  const printed = new PrintedComplaints();
  for (let index = 0; index < 200; index += 1) printed.add(`(node:1) Warning${index}: ${'x'.repeat(5_000)}\n`);
  expect(printed.all).toHaveLength(50);
  expect(printed.all[0]?.firstText).toHaveLength(300);
});
