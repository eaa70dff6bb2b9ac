// @ts-check
import { prepareAndBecome } from './prepare.mjs';

await prepareAndBecome('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]);
