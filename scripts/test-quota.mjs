// @ts-check
import { prepareAndBecome } from './prepare.mjs';
import { takeSystemParts } from './system-parts.mjs';

/** What `npm test` does for seconds, for minutes: eight processes, 100 000 attempts, 5 000 leases, and a wire that fails in every way. */
process.env['LONG'] = '1';

await takeSystemParts();
await prepareAndBecome('node_modules/vitest/vitest.mjs', [
  'run',
  'packages/server/test/quota/at-size.test.ts',
  ...process.argv.slice(2),
]);
