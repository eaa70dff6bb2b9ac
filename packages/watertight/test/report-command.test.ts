import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { renderJson } from '../src/report/json.ts';
import { renderTerminal } from '../src/report/terminal.ts';
import { type Ended, runCli } from './cli-process.ts';
import { leakOfSessions, leaky, withFindings } from './sample-finding.ts';

const folder = mkdtempSync(join(tmpdir(), 'watertight-report-'));
const saved = join(folder, 'saved.json');
beforeAll(() => writeFileSync(saved, renderJson(leaky)));
afterAll(() => rmSync(folder, { recursive: true }));

const report = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  runCli(['report', ...args], { cwd: folder, env: { GITHUB_WORKSPACE: '', CI_PROJECT_DIR: '', ...env } });
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('watertight report', () => {
  it('[H17] shows a saved result as the check did, and ends with 0 whatever its verdict', async () => {
    const ended = await report([saved]);
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: renderTerminal(leaky, { color: false }) });
  });

  it('[H17] writes every file that check writes', async () => {
    const ended = await report([saved, '--report-dir', 'out', '--report-md', 'page.md']);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(readdirSync(join(folder, 'out')).toSorted()).toEqual([
      'gl-code-quality-report.json',
      'junit.xml',
      'report.html',
      'report.md',
      'result.json',
      'watertight.prom',
      'watertight.sarif',
    ]);
    expect(read('out/result.json')).toBe(renderJson(leaky));
    expect(read('page.md')).toBe(read('out/report.md'));
    expect(read('page.md')).toContain('## What leaks');
  });

  it('[C28] a report that cannot be written is named, and the others are written', async () => {
    // Where every write finds the disk full.
    const ended = await report([saved, '--json', '/dev/full', '--report-md', 'other.md']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(
      /^written: other\.md\nwatertight: a report could not be written: \/dev\/full: ENOSPC\b.*\n$/,
    );
    expect(read('other.md')).toContain('## What leaks');
  });

  it('[C28] nor does a file or the summary of a job that cannot be written keep the other of both', async () => {
    const noFile = await report([saved, '--json', '/dev/full', '--github'], {
      GITHUB_STEP_SUMMARY: join(folder, 'told.md'),
    });
    expect(noFile.stdout).toMatch(/^::error file=/m);
    expect(read('told.md')).toMatch(/^## ❌ Watertight: leak/);
    const noSummary = await report([saved, '--json', 'beside.json', '--github'], {
      GITHUB_STEP_SUMMARY: join(folder, 'no', 'summary.md'),
    });
    expect(noSummary.stderr).toMatch(
      /^written: beside\.json\nwatertight: a report could not be written: ENOENT\b.*\n$/,
    );
    expect([noFile.code, noSummary.code]).toEqual([3, 3]);
  });

  it('[C28] a summary of a job that cannot be written keeps no report of a check from being written', async () => {
    const args = ['check', '--url', 'ws://127.0.0.1:1', '--github', '--json', 'checked.json'];
    const ended = await runCli(args, { cwd: folder, env: { GITHUB_STEP_SUMMARY: join(folder, 'no', 'summary.md') } });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('watertight: a report could not be written: ENOENT');
    expect(JSON.parse(read('checked.json'))).toMatchObject({ exitCode: 3 });
  });

  it('[H15] [H16] with --github nothing that a target said is a command, and the page is added to', async () => {
    writeFileSync(join(folder, 'summary.md'), 'before\n');
    const ended = await report([saved, '--github'], {
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      GITHUB_WORKSPACE: join(folder, '..'),
    });
    const [, token = ''] = /^::stop-commands::(\S+)\n/.exec(ended.stdout) ?? [];
    expect(token).not.toBe('');
    const [shown = '', commands = ''] = ended.stdout.split(`\n::${token}::\n`);
    expect(shown).toContain('What leaks');
    expect(commands.split('\n').filter((line) => line !== '' && !/^::(error|notice) /.test(line))).toEqual([]);
    expect(commands).toMatch(/^::error file=watertight-report-[^/]+\/src\/chat room\.ts,line=12,/);
    expect(read('summary.md')).toMatch(/^before\n## ❌ Watertight: leak/);
  });

  it('[H14] a leak beside the folder of the check, in another package of the repository, is told at its line', async () => {
    const server = join(folder, 'packages', 'server');
    mkdirSync(server, { recursive: true });
    const shared = join(folder, 'packages', 'shared', 'sessions.ts');
    const { allocatedAt, allocationStack } = leakOfSessions;
    const inShared = <P extends { file: string }>(place: P): P => ({ ...place, file: shared });
    const leak = {
      ...leakOfSessions,
      allocatedAt: allocatedAt && inShared(allocatedAt),
      allocationStack: allocationStack.slice(0, 1).map(inShared),
    };
    writeFileSync(join(server, 'saved.json'), renderJson(withFindings([leak])));
    const args = ['report', 'saved.json', '--github', '--report-dir', '.'];
    const env = { GITHUB_WORKSPACE: folder, GITHUB_STEP_SUMMARY: '' };
    const { stdout } = await runCli(args, { cwd: server, env });
    expect(stdout).toMatch(/^::error file=packages\/shared\/sessions\.ts,line=12,/m);
    const written = (name: string): string => readFileSync(join(server, name), 'utf8');
    expect(JSON.parse(written('gl-code-quality-report.json'))).toMatchObject([
      { location: { path: 'packages/shared/sessions.ts', lines: { begin: 12 } } },
    ]);
    expect(written('watertight.sarif')).toContain('"uri": "packages/shared/sessions.ts"');
  });

  it.each([
    [['nowhere.json'], /nowhere\.json cannot be read: ENOENT/],
    [['text.json'], /text\.json cannot be read: .*JSON/],
    [['list.json'], /list\.json is no result of watertight check/],
    [['format.json'], /format\.json has the format 7; this watertight reads the format 1/],
    [['part.json'], /part\.json is no whole result: .*scenarios.* missing or wrong/],
    [['broken.json'], /broken\.json is no whole result: /],
    [[], /missing required argument 'result\.json'/],
    [['saved.json', '--report-junit', '/dev/null/x'], /--report-junit: \/dev\/null cannot be made/],
    [['saved.json', '--report-sarif', ''], /--report-sarif is empty/],
  ])('[H18] %j is refused with what is wrong', async (args, message) => {
    const files = {
      'text.json': 'no JSON',
      'list.json': '[1]',
      'format.json': JSON.stringify({ ...leaky, format: 7 }),
      'part.json': JSON.stringify({ format: 1 }),
      'broken.json': JSON.stringify({
        ...leaky,
        scenarios: [{ name: 'x', steps: [null], violations: [], findings: [] }],
      }),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const ended = await report(args);
    expect(ended.stderr).toMatch(message);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
  });
});
