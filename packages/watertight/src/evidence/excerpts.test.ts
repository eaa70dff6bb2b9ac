import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import type { Place } from '../verdict/finding.ts';
import { readExcerpt } from './excerpts.ts';

const folder = mkdtempSync(join(tmpdir(), 'watertight-excerpt-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'a.ts'), Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join('\n'));
writeFileSync(join(folder, 'min.js'), 'x'.repeat(1_000));
const at = (file: string, line: number, is: 'application' | 'node' = 'application'): Place => ({
  functionName: 'f',
  file,
  line,
  column: 1,
  owner: { is },
});

describe('the source of a place', () => {
  it('[P32] is the line with four before and after it, as far as there are', () => {
    expect(readExcerpt(at('a.ts', 10), folder)).toEqual({
      file: 'a.ts',
      firstLine: 6,
      markedLine: 10,
      lines: ['line 6', 'line 7', 'line 8', 'line 9', 'line 10', 'line 11', 'line 12', 'line 13', 'line 14'],
    });
    expect(readExcerpt(at('a.ts', 1), folder)).toMatchObject({ firstLine: 1, markedLine: 1, lines: { length: 5 } });
    expect(readExcerpt(at('a.ts', 20), folder)).toMatchObject({ firstLine: 16, lines: { length: 5 } });
  });

  it('[P32] of a line of any length is short', () => {
    expect(readExcerpt(at('min.js', 1), folder)?.lines[0]).toHaveLength(242);
  });

  it.each([
    ['a file that is not there', at('none.ts', 1)],
    ['a folder', at('.', 1)],
    ['a line behind the end', at('a.ts', 21)],
    ['a line that is none', at('a.ts', 0)],
    ['code of Node', at('a.ts', 1, 'node')],
  ])('[P32] is left out: %s', (_, place) => {
    expect(readExcerpt(place, folder)).toBeNull();
  });
});
