import { expect, test } from 'vitest';
import type { Place } from '../../verdict/finding.ts';
import { writtenFrames } from './written-frames.ts';

const place = (functionName: string, line: number, column = 1): Place => ({
  functionName,
  file: 'server.mjs',
  line,
  column,
  owner: { is: 'application' },
});
const FIELDS = place('<instance_members_initializer>', 2);
const ASKS = place('onConnection', 7, 22);
const names = (stack: readonly Place[]): readonly string[] => stack.map(({ functionName }) => functionName);

test('[V29] what the engine makes for the fields of a class is no place: who asked for the object is', () => {
  expect(names(writtenFrames([FIELDS, place('Session', 2), ASKS]))).toEqual(['onConnection']);
  expect(names(writtenFrames([ASKS, FIELDS]))).toEqual(['onConnection', '<instance_members_initializer>']);
});

test('[V29] a constructor that somebody wrote is a place, and nothing is left out where nothing else is known', () => {
  expect(names(writtenFrames([FIELDS, place('Session', 4, 14), ASKS]))).toEqual(['Session', 'onConnection']);
  expect(names(writtenFrames([FIELDS, place('Session', 2)]))).toEqual(['<instance_members_initializer>', 'Session']);
  expect(writtenFrames([])).toEqual([]);
});
