import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const PACKAGE: string = fileURLToPath(new URL('..', import.meta.url));

/** The `js` examples of a Markdown page or of the TSDoc comments of a source file, as they would be copied. */
export function examplesIn(file: string): readonly string[] {
  const text = readFileSync(new URL(file, new URL('..', import.meta.url)), 'utf8');
  const plain = file.endsWith('.md') ? text : text.replace(/^ *\* ?/gm, '');
  return [...plain.matchAll(/^```js\n(.*?)^```/gms)].map(([, code = '']) => code);
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a module in a process of its own, against the built package, as its users do. */
export function runModule(
  code: string,
  { nodeOptions = [], env = {} }: { nodeOptions?: readonly string[]; env?: Record<string, string> } = {},
): Promise<RunResult> {
  return new Promise((resolve) => {
    const args = [...nodeOptions, '--input-type=module', '--eval', code];
    execFile(
      process.execPath,
      args,
      { cwd: PACKAGE, env: { ...process.env, ...env }, timeout: 15_000 },
      (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
      },
    );
  });
}
