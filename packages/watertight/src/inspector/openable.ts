import { readdirSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { hasProc, processRecord, readProc } from '../target/proc.ts';
import { InsideViewError } from './unavailable.ts';

/** Signals stand in the masks of `/proc` from bit 0 for signal 1. */
const SIGUSR1_BIT = 1n << BigInt(constants.signals.SIGUSR1 - 1);

/**
 * Makes sure that SIGUSR1 may be sent: whoever has no handler for it dies of it.
 *
 * @throws {@link InsideViewError} with the reason.
 */
export function assertMayBeSignalled(pid: number): void {
  if (!hasProc()) throw new InsideViewError('to look inside the target, /proc is needed, which this system has not');
  if (!processRecord(pid)) throw new InsideViewError(`there is no process ${pid}`);
  const program = executableOf(pid);
  if (program === undefined)
    throw new InsideViewError(`process ${pid} belongs to somebody else: it may not be looked into`);
  if (!/^node(js)?(-?v?\d[\d.]*)?$/.test(program)) {
    throw new InsideViewError(
      `process ${pid} runs ${program}, not Node: it would die of the signal that opens an inspector`,
    );
  }
  const status = readProc(`${pid}/status`) ?? '';
  if (!hasBit(status, 'SigCgt')) {
    throw new InsideViewError(
      `process ${pid} has no handler for SIGUSR1 (--disable-sigusr1?): the signal would end it`,
    );
  }
  const threads = listThreads(pid).map((thread) => readProc(`${pid}/task/${thread}/status`) ?? '');
  if (threads.length > 0 && threads.every((thread) => hasBit(thread, 'SigBlk'))) {
    throw new InsideViewError(`process ${pid} blocks SIGUSR1: no inspector would open`);
  }
}

/** Whether its command line or environment opened an inspector from the start. */
export function startedWithInspector(pid: number): boolean {
  const commandLine = (readProc(`${pid}/cmdline`) ?? '').split('\0');
  const options = (readProc(`${pid}/environ`) ?? '').split('\0').find((it) => it.startsWith('NODE_OPTIONS=')) ?? '';
  return [...commandLine, ...options.slice('NODE_OPTIONS='.length).split(/\s+/)].some((it) =>
    /^--inspect(-brk|-wait)?(=|$)/.test(it),
  );
}

function executableOf(pid: number): string | undefined {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
  } catch {
    return undefined;
  }
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
