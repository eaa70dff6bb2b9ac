import { describe, expect, it } from 'vitest';
import { PARTS, checkParts } from './check-parts.mjs';
import { ROOT } from './root.mjs';
import { plant } from './tree.ts';

function problemsWith(
  scripts: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): string[] {
  return checkParts(plant({ 'package.json': JSON.stringify({ scripts }), 'scripts/check-spec.mjs': '', ...files }));
}

const allParts = Object.fromEntries(PARTS.map((name) => [name, 'node scripts/check-spec.mjs']));

describe('the parts of the check', () => {
  it('[B12] all exist in this repository', () => {
    expect(checkParts(ROOT)).toEqual([]);
  });

  it('[B12] is content with a complete list', () => {
    expect(problemsWith(allParts)).toEqual([]);
  });

  it.each(PARTS)('[B12] misses %s', (name) => {
    const { [name]: _, ...others } = allParts;
    expect(problemsWith(others)).toEqual([`package.json: ${name} is missing`]);
  });

  it('[B12] refuses a part that is not listed, a missing program, a missing file and a check nobody runs', () => {
    expect(problemsWith({ ...allParts, 'check:more': 'node scripts/check-spec.mjs' })[0]).toContain('is not in PARTS');
    expect(problemsWith({ ...allParts, 'check:lint': 'no-such-linter .' })).toEqual([
      'check:lint: no-such-linter is not installed',
    ]);
    expect(problemsWith({ ...allParts, 'check:api': 'node scripts/gone.mjs' })).toEqual([
      'check:api: scripts/gone.mjs does not exist',
    ]);
    expect(problemsWith(allParts, { 'scripts/check-more.mjs': '' })).toEqual([
      'scripts/check-more.mjs is no part of npm run check',
    ]);
  });
});
