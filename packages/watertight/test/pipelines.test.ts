import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { type ActionRun, runAction } from './action-run.ts';
import { loadGithubParser } from './github-parser.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../dist/programs/watertight.js', import.meta.url));
const SERVER = fileURLToPath(new URL('servers/server.mjs', import.meta.url));
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Action {
  readonly inputs: object;
  readonly outputs: Readonly<Record<string, unknown>>;
}

describe('the action and the pipelines', () => {
  it('[H19] action.yml and the GitHub example are read by the parser of GitHub', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'watertight-parser-'));
    try {
      const complaints = await loadGithubParser(folder);
      expect(complaints('action', text('action.yml'))).toEqual([]);
      expect(complaints('workflow', text('examples/ci/github.yml'))).toEqual([]);
      expect(complaints('action', text('action.yml').replace('runs:', 'run:'))).not.toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('[H19] the GitHub example uses inputs and outputs that the action has', () => {
    const { inputs, outputs } = parse(text('action.yml')) as Action;
    const workflow = text('examples/ci/github.yml');
    const steps = (parse(workflow) as { jobs: { leaks: { steps: { id?: string; with?: object }[] } } }).jobs.leaks
      .steps;
    const given = steps.find(({ id }) => id === 'watertight')?.with ?? {};
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)));
    const asked = [...workflow.matchAll(/steps\.watertight\.outputs\.([a-z-]+)/g)].map(([, name]) => name);
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(asked));
  });

  it('[H19] the GitLab example takes the files that --report-dir writes', () => {
    const { leaks } = parse(text('examples/ci/gitlab.yml')) as {
      leaks: { script: string[]; artifacts: { when: string; reports: Record<string, string> } };
    };
    expect(leaks.artifacts).toMatchObject({
      when: 'always',
      reports: {
        junit: 'watertight-report/junit.xml',
        codequality: 'watertight-report/gl-code-quality-report.json',
      },
    });
    expect(leaks.script.join('\n')).toContain('--report-dir watertight-report');
  });
});

describe('the script of the action', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'watertight-action-'));
    mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
    writeFileSync(
      join(folder, 'node_modules', '.bin', 'start'),
      `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`,
      {
        mode: 0o755,
      },
    );
    symlinkSync('start', join(folder, 'node_modules', '.bin', 'watertight'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (inputs: Readonly<Record<string, string>>): Promise<ActionRun> => runAction(folder, inputs);

  it('[H20] passes options and command on, tells the verdict, and ends as the check does', async () => {
    const inputs = {
      command: `${process.execPath} ${SERVER} plain`,
      options: '--limit=3\n--only\nmanager-creation-limit-enforcement\n',
    };
    const { code, stdout, outputs } = await run(inputs);
    expect(stdout).toContain('::error title=limit-not-enforced::');
    expect(outputs).toBe('exit-code=1\nverdict=violation\nreport-dir=./out\nsarif=./out/watertight.sarif\n');
    expect(code).toBe(1);
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toContain('Watertight: violation');
  });

  it('[H20] runs nothing that stands in an input, and lets an inconclusive run pass where that is asked for', async () => {
    const hostile = `$(touch ${join(folder, 'harm')}) \`touch ${join(folder, 'harm')}\` ; touch harm`;
    const { code, outputs } = await run({ command: hostile, 'allow-inconclusive': 'true' });
    expect(outputs).toContain('exit-code=3\nverdict=inconclusive\n');
    expect(code).toBe(0);
    expect(() => readFileSync(join(folder, 'harm'))).toThrow(/ENOENT/);
  });
});
