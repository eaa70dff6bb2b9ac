import { describe, expect, it } from 'vitest';

import { createProgress } from './progress.ts';

function screen(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  let nowMs = 0;
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  return {
    written,
    progress: createProgress(stream, () => nowMs),
    advance: (ms: number): void => {
      nowMs += ms;
    },
  };
}

describe('progress on a terminal', () => {
  it('[H8] is one line that is rewritten, and erased before anything that stays', () => {
    const { written, progress, advance } = screen(true);
    progress.update({ scenario: 'rapid', step: 'cycles', done: 3, of: 100, perSecond: 41.7, held: 2 });
    advance(200);
    progress.update({ scenario: 'rapid', step: 'settling' });
    progress.line('a line that stays');
    progress.end();
    expect(written).toEqual([
      '\r\u001b[2Krapid › cycles · 3 of 100 · 42/s · 2 held · 0.0 s',
      '\r\u001b[2Krapid › settling · 0.2 s',
      '\r\u001b[2K',
      'a line that stays\n',
    ]);
  });

  it('[H8] never wraps and never passes on control characters', () => {
    const { written, progress } = screen(true, 24);
    progress.update({ scenario: 'a\u001b[2J', step: 'a step with a long name' });
    expect(written.join('').replace('\r\u001b[2K', '')).toBe('a\\u{1b}[2J › a step wit');
  });
});

describe('progress that is not on a terminal', () => {
  it('[H9] is plain lines, at most two a second', () => {
    const { written, progress, advance } = screen(false);
    for (let done = 0; done < 1_000; done++) {
      progress.update({ scenario: 'rapid', step: 'cycles', done });
      advance(1);
    }
    progress.end();
    expect(written).toEqual(['rapid › cycles · 0 · 0.0 s\n', 'rapid › cycles · 500 · 0.5 s\n']);
  });
});
