import { describe, expect, it } from 'vitest';
import { sumUp } from './sum-up.mjs';

const IN_ORDER = { tests: 0, check: 0 };

function report(passed: number, failed: number, more: object = {}): string {
  return JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 0,
    testResults: [],
    ...more,
  });
}

describe('the last line of .ci/run', () => {
  it('[B13] gives the figures of the test runner', () => {
    expect(sumUp(report(812, 0), IN_ORDER)).toEqual({ lines: ['812 passed, 0 failed'], exitCode: 0 });
  });

  it.each([
    ['a failed test', report(811, 1), { tests: 1, check: 0 }, '811 passed, 1 failed'],
    ['a failed check', report(812, 0), { tests: 0, check: 1 }, '812 passed, 0 failed'],
    ['an error outside the tests', report(812, 0), { tests: 1, check: 0 }, '812 passed, 0 failed'],
    ['no test at all', report(0, 0), IN_ORDER, '0 passed, 0 failed'],
    ['no figures', '', { tests: 1, check: 0 }, '0 passed, 1 failed'],
    ['figures that are none', '{}', IN_ORDER, '0 passed, 1 failed'],
    [
      'a file that could not be loaded',
      report(3, 0, { testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }] }),
      { tests: 1, check: 0 },
      '3 passed, 1 failed',
    ],
  ])('[B13] is a failure after %s', (_, json, exitCodes, lastLine) => {
    const { lines, exitCode } = sumUp(json, exitCodes);
    expect(lines.at(-1)).toBe(lastLine);
    expect(exitCode).toBe(1);
  });

  it('[B13] mentions skipped tests', () => {
    expect(sumUp(report(3, 0, { numPendingTests: 2 }), IN_ORDER).lines).toContain('2 tests were skipped.');
  });
});
