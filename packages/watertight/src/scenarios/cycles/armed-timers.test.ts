import { expect, test } from 'vitest';
import { HEAP, lookAt } from '../../../test/look-at.ts';
import type { TimerCount } from '../../inspector/heap-types.ts';
import { repeating } from './armed-timers.ts';

const timer = (about: Partial<TimerCount>): TimerCount => ({
  kind: 'interval 10000 ms',
  callback: 'sweep',
  count: 1,
  delayMs: 10_000,
  repeats: true,
  referenced: true,
  position: { functionName: 'sweep', url: 'file:///srv/chat.mjs', scriptId: '7', line: 3, column: 5 },
  ...about,
});

test('[N44] timers that repeat are those that somebody wrote, or nobody knows who; what fires once is none', () => {
  const node = { functionName: 'checkConnections', url: 'node:_http_server', scriptId: '9', line: 1, column: 1 };
  const timers = [
    timer({}),
    timer({ callback: 'bound native', position: undefined, delayMs: 20_000 }),
    timer({ callback: 'bound checkConnections', position: node }),
    timer({ callback: 'late', repeats: false }),
  ];
  const look = { ...lookAt(100, 1_000), heap: { ...HEAP, timers } };
  expect(repeating(look).map(({ delayMs }) => delayMs)).toEqual([10_000, 20_000]);
});
