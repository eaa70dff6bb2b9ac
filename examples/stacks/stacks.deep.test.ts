import { expect, test } from 'vitest';
import { check, CYCLES, fileOf, FORCE, IN_PARAMS, TIMING } from './example-check.ts';

test.each([
  ['express.js', CYCLES, []],
  ['graphql-ws.js', TIMING, ['--user', IN_PARAMS]],
  ['fastify.js', CYCLES, []],
  ['socket-io.js', CYCLES, []],
  ['socket-io.js', FORCE, []],
  ['h3.js', TIMING, []],
  ['nestjs.js', TIMING, []],
  ['hocuspocus.js', FORCE, ['--recipe', fileOf('hocuspocus-recipe.js')]],
] as const)('[B34] %s is watertight in %s', { timeout: 120_000 }, async (file, only, options) => {
  expect(await check(file, only, options)).toEqual([0, '']);
});
