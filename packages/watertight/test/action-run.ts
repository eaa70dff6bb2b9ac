import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ACTION = new URL('../../../action.yml', import.meta.url);

interface Action {
  readonly runs: {
    readonly steps: readonly [{ readonly run: string; readonly env: Readonly<Record<string, string>> }];
  };
}

/** What a job is told by a step. */
export interface ActionRun {
  readonly code: number;
  readonly stdout: string;
  /** The file of outputs, as GitHub reads it. */
  readonly outputs: string;
}

/** Runs the step of `action.yml` as GitHub does: bash, inputs in variables, outputs and summary in files. `folder` is the workspace. */
export async function runAction(folder: string, inputs: Readonly<Record<string, string>>): Promise<ActionRun> {
  const [{ run: script, env }] = (parse(readFileSync(ACTION, 'utf8')) as Action).runs.steps;
  const given = {
    'working-directory': '.',
    'report-dir': 'out',
    version: 'none',
    options: '',
    command: '',
    ...inputs,
  };
  const variables = Object.entries(env).map(([name, template]) => {
    const [, input = ''] = /inputs\.([a-z-]+)/.exec(template) ?? [];
    return [name, Object.entries(given).find(([key]) => key === input)?.[1] ?? 'false'];
  });
  const files = { GITHUB_OUTPUT: join(folder, 'outputs'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
  for (const file of Object.values(files)) writeFileSync(file, '');
  return await new Promise((resolve) => {
    execFile(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
      {
        cwd: join(folder, given['working-directory']),
        env: { ...process.env, ...files, GITHUB_WORKSPACE: folder, ...(Object.fromEntries(variables) as object) },
      },
      (error, stdout) =>
        resolve({ code: Number(error?.code ?? 0), stdout, outputs: readFileSync(files.GITHUB_OUTPUT, 'utf8') }),
    );
  });
}
