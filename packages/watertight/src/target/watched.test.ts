import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { processRecord } from './proc.ts';
import { watchRunning } from './watched.ts';

test('[K10] the end of a process is seen, also where nobody collects it', async () => {
  // Whatever `sleep` has inherited, it waits for nobody.
  const script = 'sleep 1000 & echo $!; exec sleep 1000';
  const parent = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  // Until it is replaced the shell collects what ends.
  await vi.waitFor(() => expect(readFileSync(`/proc/${parent.pid ?? 0}/comm`, 'utf8')).toBe('sleep\n'), {
    timeout: 5_000,
    interval: 5,
  });
  const about = { label: 'ws://localhost/', url: new URL('ws://localhost/'), pids: [pid], notes: [] };
  const target = watchRunning(about);
  onTestFinished(() => target.end());
  process.kill(pid, 'SIGKILL');
  const failure = await target.ended;
  expect(failure).toMatchObject({ kind: 'crashed' });
  expect(failure.message).toContain(`(process ${pid}) ended while it was examined`);
  expect(processRecord(pid)?.state).toBe('Z');
});
