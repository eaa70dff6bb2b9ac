import { TargetError } from './failure.ts';
import { listenersOf } from './listening.ts';
import { describeProcess, familyOf } from './proc.ts';
import { servingProcesses } from './serving.ts';

/**
 * The one process that takes the connections of `pid`: itself, or what a wrapper such as npm has started. Who listens on nothing, and
 * nobody behind it either, is taken as said.
 *
 * @throws {@link TargetError} where they are several, such as the workers of a cluster: it names them, and takes none by chance.
 */
export function processBehind(pid: number): number {
  const own = listenersOf([pid]);
  const serving = own.length > 0 ? servingProcesses(pid).pids : servingBehind(pid);
  const [only = pid, ...others] = serving;
  if (others.length === 0) return only;
  throw new TargetError({
    kind: 'not-found',
    message: `${describeProcess(pid)} takes no connections itself: those behind it do, and one is observed at a time. Give the number of one of them: ${serving.map(describeProcess).join('; ')}`,
  });
}

/** A server that is started by another one is a part of it. */
function servingBehind(pid: number): readonly number[] {
  const listeners = listenersOf(familyOf(pid));
  const isPart = (one: number): boolean =>
    listeners.some((other) => other.pid !== one && familyOf(other.pid).includes(one));
  const outermost = listeners.filter((listener) => !isPart(listener.pid));
  return [...new Set(outermost.flatMap((listener) => servingProcesses(listener.pid, listener.inode).pids))];
}
