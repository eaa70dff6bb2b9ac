import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { listenersOf, pidListeningOn, socketInodes } from '../target/listening.ts';
import { isLoopbackName } from '../target/loopback.ts';
import { inspectAddressIn, nodeWordsOf } from '../target/node-options.ts';
import { describeProcess, executableOf, hasProc, isNodeName, processRecord, readProc } from '../target/proc.ts';
import { listeningSockets } from '../target/tcp-table.ts';
import { inTheWay, START_WITH_INSPECT } from './in-the-way.ts';
import { InsideViewError } from './unavailable.ts';

/** Signals stand in the masks of `/proc` from bit 0 for signal 1. */
const SIGUSR1_BIT = 1n << BigInt(constants.signals.SIGUSR1 - 1);

/** How other programs that run JavaScript, or stand in for Node, are opened instead. */
const OTHER_RUNTIMES: Readonly<Record<string, string>> = {
  bun: 'Bun has an inspector of its own kind (--inspect) that this tool does not speak; run the server under Node to look inside.',
  deno: 'Deno opens an inspector only from the start: run it with --inspect=127.0.0.1:<port> and examine it by --inspect <port>, to look inside.',
};

/**
 * Makes sure that SIGUSR1 may be sent, and that an inspector would open at a place of its own: whoever has no handler for
 * the signal dies of it.
 *
 * @throws {@link InsideViewError} with what is in the way, what can be known all the same and what would help.
 */
export function assertMayBeSignalled(pid: number): void {
  if (!hasProc())
    throw inTheWay(
      pid,
      `whether process ${pid} would survive the signal that opens an inspector cannot be seen, since this system has no /proc`,
      START_WITH_INSPECT,
    );
  if (!processRecord(pid)) throw new InsideViewError(`there is no process ${pid}`);
  const program = executableOf(pid);
  if (program === undefined) {
    throw inTheWay(
      pid,
      `process ${pid} belongs to somebody else (${ownerOf(pid)}) and may not be signalled by us`,
      'Run this check as that user to look inside.',
    );
  }
  if (!isNodeName(program)) {
    const help =
      OTHER_RUNTIMES[program.replace(/\.exe$/, '')] ??
      'Nothing can be looked into here: the tool reads the heap of Node only.';
    throw inTheWay(
      pid,
      `process ${pid} runs ${program}, not Node, and would die of the signal that opens an inspector`,
      help,
    );
  }
  const threads = listThreads(pid).map((thread) => readProc(`${pid}/task/${thread}/status`) ?? '');
  const isBlocked = threads.length > 0 && threads.every((thread) => hasBit(thread, 'SigBlk'));
  if (!hasBit(readProc(`${pid}/status`) ?? '', 'SigCgt')) {
    const what = isBlocked
      ? 'has switched off the signal that opens an inspector (--disable-sigusr1)'
      : 'has no handler for SIGUSR1: the signal would end it, and is not sent';
    throw inTheWay(pid, `process ${pid} ${what}`, START_WITH_INSPECT);
  }
  if (isBlocked) throw inTheWay(pid, `process ${pid} blocks SIGUSR1: no inspector would open`, START_WITH_INSPECT);
}

/**
 * Makes sure that what opens is reachable from this machine alone, and is not taken.
 *
 * @throws {@link InsideViewError} as {@link assertMayBeSignalled} does.
 */
export function assertPlaceIsFree(pid: number): void {
  const { host, port } = inspectAddressIn(nodeWordsOf(pid));
  if (!isLoopbackName(host)) {
    throw inTheWay(
      pid,
      `process ${pid} would open its inspector on ${host}:${port}, for others than this machine as well (--inspect-port), and is not asked to`,
      'Start it with --inspect-port=127.0.0.1:<port>.',
    );
  }
  const holder = port === 0 ? undefined : holderOf(pid, port);
  if (holder !== undefined) {
    throw inTheWay(
      pid,
      `process ${pid} could open no inspector: its inspector port is taken (${host}:${port}, by ${holder})`,
      'Free that port, or start it with another --inspect-port.',
    );
  }
}

/** Whether its command line or environment opened an inspector from the start. */
export function startedWithInspector(pid: number): boolean {
  return nodeWordsOf(pid).some((it) => /^--inspect(-brk|-wait)?(=|$)/.test(it));
}

/** The port its inspector opens on when it is asked to, as far as can be seen. */
export function inspectPortOf(pid: number): number {
  return inspectAddressIn(nodeWordsOf(pid)).port;
}

function holderOf(pid: number, port: number): string | undefined {
  const own = socketInodes(pid);
  const taken = listeningSockets(pid).find((it) => it.localPort === port && !own.has(it.inode));
  if (taken === undefined) return undefined;
  // Listeners of our own network namespace only; in another one the number belongs to somebody we cannot name.
  const holder = pidListeningOn(port);
  return holder === undefined || listenersOf([holder]).every((it) => it.inode !== taken.inode)
    ? 'another process'
    : describeProcess(holder);
}

function ownerOf(pid: number): string {
  const uid = /^Uid:\s+(\d+)/m.exec(readProc(`${pid}/status`) ?? '')?.[1];
  return uid === undefined ? 'unknown' : `user id ${uid}, we are ${String(process.getuid?.())}`;
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function hasBit(status: string, mask: 'SigCgt' | 'SigBlk'): boolean {
  const digits = new RegExp(`^${mask}:\\s*([0-9a-f]+)`, 'm').exec(status)?.[1] ?? '0';
  return (BigInt(`0x${digits}`) & SIGUSR1_BIT) !== 0n;
}
