import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Answers what a tool printed; on both ways, as some complain on the error output and succeed. */
export async function runTool(
  program: string,
  args: readonly string[],
  input = '',
): Promise<{ exitCode: number; output: string }> {
  const running = promisify(execFile)(program, args);
  running.child.stdin?.end(input);
  return await running.then(
    ({ stdout, stderr }) => ({ exitCode: 0, output: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      exitCode: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}
