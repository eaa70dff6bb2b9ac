import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

const SHOWN_CHARACTERS = 80;
/** What the kernel tells programs, whatever it counts by itself. */
const TICKS_PER_SECOND = 100;
const YOUNG_SECONDS = 3;

/** One process as `/proc` shows it. */
export interface ProcessRecord {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** `Z` and `X` are dead already and only wait to be collected. */
  readonly state: string;
  /** In ticks since the machine started: together with `pid` it names a process for good, a `pid` alone is given away again. */
  readonly startedTicks: number;
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
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parentPid, groupId] = fields;
  return { pid, parentPid: Number(parentPid), groupId: Number(groupId), state, startedTicks: Number(fields[19]) };
}

/**
 * How long the main thread of a process was ready to run and waited for a processor, since it began, in milliseconds; `undefined` where
 * there is no such process, or the system does not tell.
 */
export function processorWaitMs(pid: number): number | undefined {
  const waitedNs = Number(readProc(`${pid}/schedstat`)?.split(' ')[1]);
  return Number.isFinite(waitedNs) ? waitedNs / 1e6 : undefined;
}

export function allProcesses(): ProcessRecord[] {
  const names = listProc('').filter((name) => /^\d+$/.test(name));
  return names.map((name) => processRecord(Number(name))).filter((record) => record !== undefined);
}

/** Those a process started itself, dead ones that nobody has collected included. */
export function childProcesses(pid: number): ProcessRecord[] {
  const lists = listProc(`${pid}/task`).map((thread) => readProc(`${pid}/task/${thread}/children`));
  // A kernel may be built without these lists: then everybody is asked for his parent.
  if (lists.every((list) => list === undefined)) return allProcesses().filter((it) => it.parentPid === pid);
  const pids = lists.flatMap((list) => (list ?? '').split(' ').filter((word) => word !== ''));
  return pids.map((child) => processRecord(Number(child))).filter((record) => record !== undefined);
}

export function isAlive(record: ProcessRecord): boolean {
  return record.state !== 'Z' && record.state !== 'X';
}

/**
 * The living processes of a group, and what descends from its leader. The group catches grandchildren whose parent has
 * ended, descent catches children that made a group of their own.
 */
export function processTree(leaderPid: number): number[] {
  return descent((it) => it.groupId === leaderPid || it.pid === leaderPid).map((it) => it.pid);
}

/** Who started a process, who started that one, and so on, nearest first, up to `untilPid`. */
export function parentsOf(pid: number, untilPid: number): number[] {
  const parents: number[] = [];
  for (let at = pid; at !== untilPid;) {
    const parent = processRecord(at)?.parentPid;
    if (parent === undefined || parent <= 1 || parents.includes(parent)) break;
    parents.push(parent);
    at = parent;
  }
  return parents;
}

/** A living process and all that descends from it, whatever group they are in. */
export function familyOf(pid: number): number[] {
  return descent((it) => it.pid === pid).map((it) => it.pid);
}

/** The living processes that are roots, and everybody below them, by pid. */
export function descent(isRoot: (record: ProcessRecord) => boolean): ProcessRecord[] {
  const alive = allProcesses().filter(isAlive);
  const members = new Map(alive.filter(isRoot).map((it) => [it.pid, it]));
  let sizeBefore = -1;
  while (sizeBefore !== members.size) {
    sizeBefore = members.size;
    for (const it of alive) if (members.has(it.parentPid)) members.set(it.pid, it);
  }
  return [...members.values()].sort((a, b) => a.pid - b.pid);
}

/** Whether a process is so young that it may still be setting itself up. */
export function isJustStarted(pid: number): boolean {
  const record = processRecord(pid);
  const uptimeSeconds = Number((readProc('uptime') ?? '').split(' ')[0]);
  return record !== undefined && uptimeSeconds - record.startedTicks / TICKS_PER_SECOND < YOUNG_SECONDS;
}

/** The words it was started with; empty when there is no such process, or it shows none. */
export function commandLineOf(pid: number): string[] {
  return (readProc(`${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '');
}

/** A variable of the environment it was started with; `undefined` when it is not set or may not be read. */
export function startEnvironmentOf(pid: number, name: string): string | undefined {
  const entries = (readProc(`${pid}/environ`) ?? '').split('\0');
  return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Whether the descriptors of a process may be listed; `undefined` where no process can be looked at. */
export function canSeeDescriptors(pid: number): boolean | undefined {
  return hasProc() ? listProc(`${pid}/fd`).length > 0 : undefined;
}

/** The name of the program it runs; `undefined` when it may not be seen. */
export function executableOf(pid: number): string | undefined {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
  } catch {
    return undefined;
  }
}

/** Whether a program of this name is Node: `node`, `nodejs`, `node-22`, `node20.1`. */
export function isNodeName(program: string): boolean {
  return /^node(js)?(-?v?\d[\d.]*)?$/.test(program);
}

/** `process 12 (node server.js)`, for messages. */
export function describeProcess(pid: number): string {
  const words = commandLineOf(pid).join(' ');
  const shown = words.length > SHOWN_CHARACTERS ? `${words.slice(0, SHOWN_CHARACTERS)}…` : words;
  return shown === '' ? `process ${pid}` : `process ${pid} (${shown})`;
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
