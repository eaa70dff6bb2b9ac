// @ts-check
import { readFileSync } from 'node:fs';
import { isMain } from './root.mjs';

/**
 * @typedef {object} RunnerReport the part of vitest's JSON report that counts
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {{ name: string, status: string, assertionResults: { status: string }[] }[]} testResults
 */

/**
 * What a whole run came to.
 *
 * @param {string} json vitest's JSON report; empty when there is none
 * @param {{ tests: number, check: number }} exitCodes
 * @returns {{ lines: string[], exitCode: number }} the last line is `N passed, N failed`
 */
export function sumUp(json, exitCodes) {
  const lines = [];
  const report = parse(json);
  if (report === undefined) lines.push('The test runner left no figures: counted as one failure.');
  // A file that could not be loaded has no failed test, only a failed file.
  const unloadable = report?.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((result) => result.status !== 'failed'),
  );
  for (const { name } of unloadable ?? []) lines.push(`A test file failed as a whole: ${name}`);
  const passed = report?.numPassedTests ?? 0;
  const failed = report === undefined ? 1 : report.numFailedTests + (unloadable?.length ?? 0);
  if (report !== undefined && report.numPendingTests > 0) lines.push(`${report.numPendingTests} tests were skipped.`);
  if (passed === 0) lines.push('No test passed.');
  if (exitCodes.tests !== 0) lines.push(`npm test ended with exit code ${exitCodes.tests}.`);
  if (exitCodes.check !== 0) lines.push(`npm run check ended with exit code ${exitCodes.check}.`);
  lines.push(`${passed} passed, ${failed} failed`);
  const isInOrder = passed > 0 && failed === 0 && exitCodes.tests === 0 && exitCodes.check === 0;
  return { lines, exitCode: isInOrder ? 0 : 1 };
}

/** @param {string} json @returns {RunnerReport | undefined} */
function parse(json) {
  try {
    const report = JSON.parse(json);
    return Number.isInteger(report.numPassedTests) && Array.isArray(report.testResults) ? report : undefined;
  } catch {
    return undefined;
  }
}

if (isMain(import.meta.url)) {
  const [, , file = '', tests, check] = process.argv;
  const { lines, exitCode } = sumUp(readFileSync(file, 'utf8'), { tests: Number(tests), check: Number(check) });
  process.stdout.write(`\n${lines.join('\n')}\n`);
  process.exitCode = exitCode;
}
