import { expect, test } from 'vitest';
import { check, fileOf, IN_PARAMS } from './example-check.ts';

test.each([
  ['express.js', []],
  ['fastify.js', []],
  ['graphql-ws.js', ['--user', IN_PARAMS]],
  ['h3.js', []],
  ['hocuspocus.js', ['--recipe', fileOf('hocuspocus-recipe.js')]],
  ['nestjs.js', []],
  ['socket-io.js', []],
  ['socket-io-namespace.js', []],
] as const)(
  '[B34] %s is watertight in all that a check does by default',
  { timeout: 240_000 },
  async (file, options) => {
    expect(await check(file, options)).toEqual([0, '']);
  },
);
