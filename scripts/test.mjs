// @ts-check
import { prepareAndBecome } from './prepare.mjs';
import { takeSystemParts } from './system-parts.mjs';

await takeSystemParts();
await prepareAndBecome('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]);
