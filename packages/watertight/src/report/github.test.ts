import { describe, expect, it } from 'vitest';

import { sample } from '../../test/sample-result.ts';
import { HOSTILE, hostileLeak, leaky, leakOfSessions, withFindings } from '../../test/sample-finding.ts';
import { renderAnnotations, renderJobSummary } from './github.ts';

interface Annotation {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** Reads workflow commands by the rules of GitHub's runner: what it would make of each line. */
function readLikeTheRunner(text: string): readonly Annotation[] {
  return text
    .split('\n')
    .filter((line) => line.trimStart().startsWith('::'))
    .map((line) => {
      const [, command = '', list = '', data = ''] = /^\s*::(\S+?)(?: (.*?))?::(.*)$/.exec(line) ?? [];
      const properties = list.split(',').flatMap((pair): [string, string][] => {
        const at = pair.indexOf('=');
        return at === -1 ? [] : [[pair.slice(0, at), unescape(pair.slice(at + 1))]];
      });
      return { command, properties: Object.fromEntries(properties), message: unescape(data) };
    });
}

function unescape(text: string): string {
  return text
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%0A', '\n')
    .replaceAll('%0D', '\r')
    .replaceAll('%25', '%');
}

describe('annotations for GitHub', () => {
  it('[H15] stand at the line of the leak, below the root of the repository', () => {
    const [first, allowed, known] = readLikeTheRunner(renderAnnotations(leaky, 'services/chat'));
    expect(first).toEqual({
      command: 'error',
      properties: {
        file: 'services/chat/src/chat room.ts',
        line: '12',
        col: '7',
        title: '1 Session per connection (144 B)',
      },
      message: leakOfSessions.sentence,
    });
    expect([allowed?.command, known?.command]).toEqual(['notice', 'notice']);
    expect(allowed?.message).toContain('(allowed: a ring of 500)');
  });

  it('[H15] say of a broken promise and of a run that was stopped what is known, without a line', () => {
    const all = readLikeTheRunner(renderAnnotations(sample, ''));
    expect(all.map(({ command, properties }) => [command, properties['title'], properties['file']])).toEqual([
      ['error', 'timers-left', undefined],
      ['notice', 'late-release', undefined],
      ['error', 'watertight ended early', undefined],
    ]);
    const undecided = readLikeTheRunner(
      renderAnnotations({ ...sample, scenarios: [], verdict: 'inconclusive', stopped: null }, ''),
    );
    expect(undecided).toMatchObject([{ command: 'warning', properties: { title: 'watertight: inconclusive' } }]);
  });

  it('[H15] no foreign text becomes a command or leaves its property', () => {
    const text = renderAnnotations(withFindings([hostileLeak]), '');
    expect(text.split('\n').filter((line) => line !== '')).toHaveLength(readLikeTheRunner(text).length);
    const [hostile] = readLikeTheRunner(text);
    expect(Object.keys(hostile?.properties ?? {})).toEqual(['file', 'line', 'col', 'title']);
    expect(hostile?.properties['title']).toContain('::error::%0A');
    expect(text).not.toContain('\u001b');
  });
});

describe('the summary of a job', () => {
  it('[H16] begins with the answer and has every leak with its place', () => {
    const page = renderJobSummary(leaky, '');
    expect(page).toMatch(/^## ❌ Watertight: leak\n\n3 leaks\. 312 sockets, 4\.3 s, exit code 1\.\n/);
    expect(page).toContain('- **1 Session per connection (144 B)** at `src/chat room.ts:12`');
    expect(page).toContain('| emergency-cleanup-threshold-trigger | ◻️ not promised |');
  });

  it('[H31] never says that nothing stays behind where something is known or allowed', () => {
    const known = { ...leakOfSessions, fingerprint: 'cafe', known: true };
    const result = { ...withFindings([known]), verdict: 'watertight', exitCode: 0, stopped: null } as const;
    const excused = result.scenarios.map((scenario) => ({ ...scenario, violations: [] }));
    const page = renderJobSummary({ ...result, scenarios: excused }, '');
    expect(page).toMatch(/^## ✅ Watertight: watertight\n\nNothing stays behind but 1 known leak\. /);
  });

  it('[H16] makes no markup of foreign text', () => {
    const page = renderJobSummary(withFindings([hostileLeak]), '');
    const withoutCode = page.replaceAll(/(`+) .*? \1/g, '');
    expect(withoutCode).not.toContain('<img');
    expect(withoutCode).toContain('&lt;img');
    expect(page).not.toContain(HOSTILE);
  });

  it('[H16] stays below what GitHub takes, and says what it left out', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => ({ ...leakOfSessions, fingerprint: String(index) }));
    const page = renderJobSummary(withFindings(many), '');
    expect(Buffer.byteLength(page)).toBeLessThan(1024 ** 2);
    expect(page).toMatch(/\n\d+ more in the report\.\n/);
  });
});
