import type { Client, Drive } from '../../drive/types.ts';
import { hasProc, isAlive, processRecord } from '../../target/proc.ts';
import type { Copy, CopyOptions, ScenarioContext } from '../types.ts';
import { Crowd } from './crowd.ts';

/** A process of the target that was started for a scenario, with clients of its own. */
export class CopyCrowd {
  readonly copy: Copy;
  readonly crowd: Crowd;
  readonly drive: Drive;

  private constructor(copy: Copy, context: ScenarioContext) {
    this.copy = copy;
    this.drive = copy.openDrive();
    this.crowd = new Crowd({ ...context, drive: this.drive });
  }

  /** Rejects with a sentence when no copy can run. */
  static async start(context: ScenarioContext, options: CopyOptions = {}): Promise<CopyCrowd> {
    if (context.copies === undefined) throw new Error(NOT_OURS);
    return new CopyCrowd(await context.copies.start(options), context);
  }

  /** Sends a signal to the processes that hold the connections; answers when (performance.now) it was sent. */
  signal(name: 'SIGTERM' | 'SIGKILL'): number {
    const { pids } = this.copy.target;
    if (pids.length === 0) throw new Error('the processes of the copy are not visible, so that no signal can be sent');
    for (const pid of pids) if (isThere(pid)) process.kill(pid, name);
    return performance.now();
  }

  /** Whether none of the processes that held the connections is there any more. */
  get isOver(): boolean {
    return !this.copy.target.pids.some((pid) => isThere(pid));
  }

  async end(): Promise<void> {
    this.crowd.dispose();
    await Promise.all([this.drive.dispose(), this.copy.target.end()]);
  }
}

export const NOT_OURS =
  'the server was not started by us, so that it cannot be started once more: give its command behind --';

/** Of those to whom the server said something before it was gone: a close frame with a code. */
export function countTold(clients: readonly Client[]): number {
  return clients.filter((client) => client.closedByServer !== undefined).length;
}

function isThere(pid: number): boolean {
  if (!hasProc()) {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }
  const record = processRecord(pid);
  return record !== undefined && isAlive(record);
}
