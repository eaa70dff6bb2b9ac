import { spawn, type ChildProcess } from 'node:child_process';
import { allProcesses, descent, hasProc, isAlive, processRecord, type ProcessRecord } from './proc.ts';

const OUR_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const groups = new Set<ProcessGroup>();

/**
 * The process group we made for a target: everything that is ended, and nothing else. It ends with us: on our exit and our
 * crash by an `exit` handler, on a signal nobody else handles by ours, and if we are killed outright by a guardian, a
 * shell that waits for its input to end.
 */
export class ProcessGroup {
  readonly id: number;
  readonly #guardian: ChildProcess | undefined;
  /** What the group started and what made a group of its own then, as some process managers do; by pid and start. */
  #left: readonly ProcessRecord[] = [];
  #isGone = false;

  constructor(leaderPid: number) {
    this.id = leaderPid;
    this.#guardian = startGuardian(leaderPid);
    if (groups.size === 0) watchOurselves();
    groups.add(this);
  }

  /** Looks who has left the group: found by descent only as long as their parents live, and so remembered from now on. */
  remember(): void {
    const now = descent((it) => it.groupId === this.id || it.pid === this.id).filter((it) => it.groupId !== this.id);
    const known = new Set(now.map(({ pid }) => pid));
    this.#left = [...now, ...this.#left.filter((it) => !known.has(it.pid))].filter(isStillThere);
  }

  /** Whether anybody of the group lives, or of those who have left it. Once it is empty its number may be given to strangers: it is never signalled again. */
  isAlive(): boolean {
    if (!this.#isGone && !hasMembers(this.id) && !this.#left.some(isStillThere)) this.#onGone();
    return !this.#isGone;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.isAlive()) return;
    this.remember();
    // A group that is empty may have given its number to strangers.
    if (hasMembers(this.id)) send(-this.id, signal);
    for (const { pid } of this.#left.filter(isStillThere)) send(pid, signal);
  }

  #onGone(): void {
    this.#isGone = true;
    groups.delete(this);
    if (groups.size === 0) unwatchOurselves();
    this.#guardian?.stdin?.end('done\n');
  }
}

function send(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

function isStillThere(known: ProcessRecord): boolean {
  const now = processRecord(known.pid);
  return now !== undefined && now.startedTicks === known.startedTicks && isAlive(now);
}

function hasMembers(groupId: number): boolean {
  // A zombie still answers signal 0, for ever where nobody collects orphans: `/proc` knows better where there is one.
  const isMember = (it: ProcessRecord): boolean => it.groupId === groupId && isAlive(it);
  // While its leader lives, and it mostly does, nobody else has to be looked for: that is a file for each process of the machine.
  if (hasProc())
    return [processRecord(groupId)].some((it) => it !== undefined && isMember(it)) || allProcesses().some(isMember);
  try {
    process.kill(-groupId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Its input ends when we end, however we end. It is told when there is nothing left to guard. */
function startGuardian(groupId: number): ChildProcess | undefined {
  const script = 'read -r word; [ "$word" = done ] || kill -KILL "-$1"';
  const guardian = spawn('/bin/sh', ['-c', script, 'watertight-guardian', String(groupId)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  guardian.on('error', () => undefined);
  guardian.stdin?.on('error', () => undefined);
  guardian.unref();
  (guardian.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guardian;
}

function killAll(): void {
  for (const group of groups) group.signal('SIGKILL');
}

function onSignal(signal: NodeJS.Signals): void {
  // Somebody else decides what this signal means; our `exit` handler stays for the end of it.
  if (process.listenerCount(signal) > 1) return;
  killAll();
  process.off(signal, onSignal);
  process.kill(process.pid, signal);
}

function watchOurselves(): void {
  process.on('exit', killAll);
  for (const signal of OUR_SIGNALS) process.on(signal, onSignal);
}

function unwatchOurselves(): void {
  process.off('exit', killAll);
  for (const signal of OUR_SIGNALS) process.off(signal, onSignal);
}
