import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const STEP_MS = 280_000;

export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

/** Packs both packages as they would be published; answers the tarballs. */
export async function pack(): Promise<{ readonly tarballs: readonly string[]; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-packed-'));
  const flags = [
    '--pack-destination',
    folder,
    '--ignore-scripts',
    '-w',
    'packages/server',
    '-w',
    'packages/watertight',
  ];
  const { exitCode, output } = await run('npm', ['pack', ...flags], ROOT);
  if (exitCode !== 0) throw new Error(output);
  return { tarballs: readdirSync(folder).map((name) => join(folder, name)), folder };
}

export async function run(command: string, words: readonly string[], cwd: string): Promise<Ended> {
  // The tests that are started here are not part of those that start them.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|NODE_TEST|JEST|npm_)/.test(name) && name !== 'NODE_OPTIONS',
    ),
  );
  return await new Promise((resolve) => {
    execFile(
      command,
      words,
      { cwd, env: { ...env, CI: '1', NO_COLOR: '1' }, timeout: STEP_MS, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : (error.code ?? 1);
        resolve({ exitCode: typeof code === 'number' ? code : 1, output: stdout + stderr });
      },
    );
  });
}
