import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ENDS_WITHIN_MS = 120_000;
/** In a process without a test runner, whose heap is quickly looked at. */
const AT_ONCE = fileURLToPath(new URL('../fixtures/kit-at-once.mjs', import.meta.url));

test(
  '[TK28] what is examined in one process is examined one after another, whenever it is asked for',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [AT_ONCE]);
    expect(stdout).toBe('rejected,fulfilled\none,other\n');
  },
);
