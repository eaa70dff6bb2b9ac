import { spawn } from 'node:child_process';
import { ownProgram } from '../target/own-program.ts';

const ENTRY = ownProgram('guardian.js');

export interface Guardian {
  /** There is nothing left to close. Idempotent. */
  dismiss(): void;
}

/**
 * A process that closes an inspector we opened in a process that outlives us, however we end: its input ends with us, also
 * when we are killed outright and no handler of ours runs. It is in a session of its own, where no Ctrl-C reaches it.
 */
export function startGuardian(inspectorUrl: string): Guardian {
  const guardian = spawn(process.execPath, [ENTRY, inspectorUrl], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  guardian.on('error', () => undefined);
  guardian.stdin.on('error', () => undefined);
  guardian.unref();
  (guardian.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    dismiss: () => {
      guardian.stdin.end('done\n');
    },
  };
}
