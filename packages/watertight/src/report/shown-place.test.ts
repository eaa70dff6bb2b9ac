import { expect, test } from 'vitest';
import { pathInRepository } from './shown-place.ts';

test.each([
  ['src/chat.ts', 'services/a/src/chat.ts'],
  ['src\\chat.ts', 'services/a/src/chat.ts'],
  ['/srv/chat.ts', undefined],
  ['../chat.ts', undefined],
  ['C:\\srv\\chat.ts', undefined],
  ['node:net', undefined],
  ['webpack-internal:///./src/chat.ts', undefined],
])('[H14] %s in the repository is %s', (file, path) => {
  expect(pathInRepository(file, 'services/a')).toBe(path);
});
