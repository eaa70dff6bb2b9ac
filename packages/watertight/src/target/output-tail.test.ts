import { expect, test } from 'vitest';
import { OutputTail } from './output-tail.ts';

const many = (count: number, line: (index: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, index) => line(index));

function lastLinesOf(...lines: readonly string[]): readonly string[] {
  const tail = new OutputTail();
  tail.add(`${lines.join('\n')}\n`);
  return tail.lastLines().split('\n');
}

/** As Node prints an 'error' event that nobody listens to. */
const CRASH = [
  'node:events:497',
  "      throw er; // Unhandled 'error' event",
  '      ^',
  '',
  'RangeError: Invalid WebSocket frame: invalid opcode 7',
  ...many(10, (index) => `    at Receiver.step${index} (/app/node_modules/ws/lib/receiver.js:${index}:5)`),
  "Emitted 'error' event on WebSocket instance at:",
  ...many(10, (index) => `    at emit${index} (node:events:${index}:28) {`),
  "  code: 'WS_ERR_INVALID_OPCODE'",
  '}',
  '',
  'Node.js v22.0.0',
];

test('[K5] the last words of a crash begin with its error, however long its stack is', () => {
  expect(lastLinesOf(...many(30, (index) => `request ${index}`), ...CRASH)).toEqual(CRASH);
});

test('[K5] the error of a crash is there without the line that threw it as well', () => {
  const stack = many(25, (index) => `    at step${index} (/app/server.mjs:${index}:5)`);
  expect(lastLinesOf('ready', 'NoSeatError [E_SEAT]: no seat for u7', ...stack)).toEqual([
    'NoSeatError [E_SEAT]: no seat for u7',
    ...stack,
  ]);
});

test('[K4] else they are the last 20 lines, also after an error that is long past', () => {
  const said = many(60, (index) => `request ${index}`);
  expect(lastLinesOf(...said)).toEqual(said.slice(-20));
  expect(lastLinesOf(...CRASH, ...said)).toEqual(said.slice(-20));
  expect(lastLinesOf(...said.slice(0, 15))).toEqual(said.slice(0, 15));
  const within = [...said.slice(0, 5), ...CRASH.slice(4, 8)];
  expect(lastLinesOf(...said, ...within)).toEqual([...said, ...within].slice(-20));
});
