// @ts-check
import { prepareAndBecome } from './prepare.mjs';

/** What `npm test` does for seconds, for minutes: a million random steps, and ten thousand sockets. */
process.env['STEPS'] ??= '1000000';
process.env['TIME_LIMIT_MS'] ??= String(60 * 60 * 1000);
process.env['LONG'] = '1';

await prepareAndBecome('node_modules/vitest/vitest.mjs', [
  'run',
  'packages/server/test/property.test.ts',
  'packages/server/test/ten-thousand.deep.test.ts',
  ...process.argv.slice(2),
]);
