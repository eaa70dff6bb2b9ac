import { expect, test } from 'vitest';

import type { Owner, Place } from '../verdict/finding.ts';
import { shownFrames } from './shown-frames.ts';

const frame = (functionName: string, owner: Owner): Place => ({
  functionName,
  file: `${functionName}.js`,
  line: 1,
  column: 1,
  owner,
});
const of = (name: string): Owner => ({ is: 'package', name, version: '1.0.0' });

test('[P31] a report shows the innermost frames, and where each further package and the application asked', () => {
  const stack = [
    frame('Driver', of('driver')),
    frame('http', of('driver')),
    frame('create', of('driver')),
    frame('open', of('driver')),
    frame('Socket', of('socket')),
    frame('upgrade', of('socket')),
    frame('emit', { is: 'node' }),
    frame('onUpgrade', { is: 'application' }),
    frame('main', { is: 'application' }),
  ];
  const names = (frames: readonly Place[]): string[] => frames.map(({ functionName }) => functionName);
  expect(names(shownFrames(stack))).toEqual(['Driver', 'http', 'create', 'Socket', 'onUpgrade']);
  expect(names(shownFrames(stack.slice(0, 2)))).toEqual(['Driver', 'http']);
});

test('[P31] of what the engine itself does, which is in no file, no line is shown', () => {
  const promise = { ...frame('', { is: 'node' }), file: '' };
  const stack = [frame('ask', { is: 'application' }), promise, frame('plan', { is: 'application' })];
  expect(shownFrames(stack).map(({ functionName }) => functionName)).toEqual(['ask', 'plan']);
});
