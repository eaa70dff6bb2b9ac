// @ts-check
import { prepareAndBecome } from './prepare.mjs';
import { takeSystemParts } from './system-parts.mjs';
import { runnerArguments } from './test-arguments.mjs';

const { args, isWithoutDeep } = runnerArguments(process.argv.slice(2));
if (isWithoutDeep)
  console.log(
    'Without the deep tests, which take minutes more: `npm test -- --deep` runs most of them, as `.ci/run` does, and `--all` every one.',
  );

await takeSystemParts({ withDeep: !isWithoutDeep });
await prepareAndBecome('node_modules/vitest/vitest.mjs', args);
