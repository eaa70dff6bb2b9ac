import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One process as `/proc` shows it. */
export interface ProcessRecord {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** `Z` and `X` are dead already and only wait to be collected. */
  readonly state: string;
}

/** Whether `/proc` can be read here at all; it cannot on systems other than Linux. */
export function hasProc(): boolean {
  return processRecord(process.pid) !== undefined;
}

/** `undefined` when there is no such process. */
export function processRecord(pid: number): ProcessRecord | undefined {
  const text = readProc(`${pid}/stat`);
  if (text === undefined) return undefined;
  // The command stands in brackets and may itself contain brackets and blanks.
  const [state, parentPid, groupId] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { pid, parentPid: Number(parentPid), groupId: Number(groupId), state: state ?? '' };
}

export function allProcesses(): ProcessRecord[] {
  const names = listProc('').filter((name) => /^\d+$/.test(name));
  return names.map((name) => processRecord(Number(name))).filter((record) => record !== undefined);
}

export function isAlive(record: ProcessRecord): boolean {
  return record.state !== 'Z' && record.state !== 'X';
}

/**
 * The living processes of a group, and what descends from its leader. The group catches grandchildren whose parent has
 * ended, descent catches children that made a group of their own.
 */
export function processTree(leaderPid: number): number[] {
  const alive = allProcesses().filter(isAlive);
  const members = new Set(alive.filter((it) => it.groupId === leaderPid || it.pid === leaderPid).map((it) => it.pid));
  let sizeBefore = -1;
  while (sizeBefore !== members.size) {
    sizeBefore = members.size;
    for (const it of alive) if (members.has(it.parentPid)) members.add(it.pid);
  }
  return [...members].sort((a, b) => a - b);
}

/** What the file descriptors of a process point to, such as `socket:[4711]`; empty when they may not be read. */
export function fileDescriptors(pid: number): string[] {
  return listProc(`${pid}/fd`)
    .map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return '';
      }
    })
    .filter((target) => target !== '');
}

/** `undefined` when it is not there or may not be read. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return undefined;
  }
}

function listProc(path: string): string[] {
  try {
    return readdirSync(`/proc/${path}`);
  } catch {
    return [];
  }
}
