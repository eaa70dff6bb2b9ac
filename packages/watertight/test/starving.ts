import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';

/** Processes that all want the one processor which they are given. */
export function starving(count: number): readonly number[] {
  const [, processor = '0'] = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const burners = Array.from({ length: count }, () =>
    spawn('taskset', ['-c', processor, process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  onTestFinished(async () => {
    for (const burner of burners) burner.kill('SIGKILL');
    for (const burner of burners)
      if (burner.exitCode === null && burner.signalCode === null) await once(burner, 'exit');
  });
  return burners.flatMap(({ pid }) => pid ?? []);
}
