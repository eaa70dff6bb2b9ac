import { readFile } from 'node:fs/promises';
import { childProcesses, commandLineOf, executableOf, fileDescriptors, isAlive, readProc } from '../target/proc.ts';
import type { Counts } from './counts.ts';
import { countSockets } from './server-socket.ts';

/** What the system shows of a process from outside, at one moment; `undefined` for what it does not show. */
export interface ProcessLook {
  /** Open file descriptors by kind: `socket`, `pipe`, `file`, `device`, `eventpoll` and other kernel objects by their name. */
  readonly descriptors: Counts | undefined;
  /** Sockets by TCP state on the port it serves, all others as `other`. */
  readonly sockets: Counts | undefined;
  /** Child processes that live, by the name of their program; those of a child are not among them. */
  readonly children: Counts | undefined;
  readonly threadCount: number | undefined;
  /** Resident memory, pages that are shared with others included. */
  readonly rssBytes: number | undefined;
  /** Resident memory with a share only of what is shared; `undefined` when not asked for: reading it makes the process wait. */
  readonly pssBytes: number | undefined;
  /** Whether its language gives memory back with the last reference to it, as CPython, Perl and PHP do, and not at some time later. */
  readonly countsReferences: boolean;
}

const COUNTS_REFERENCES = /^(?:python|perl|php)[\d.]*$/;

export interface ProcessLookOptions {
  /** The port it serves; default: none, and sockets are not counted, whose table takes tens of milliseconds to read. */
  readonly port?: number;
  /** Also the proportional memory: the kernel walks the tables of the process for it, some 5 ms for each 100 MB. Default: no. */
  readonly pss?: boolean;
}

/** Looks at a process of this machine from outside; it is not asked, and does not notice. */
export async function lookAtProcess(pid: number, { port, pss = false }: ProcessLookOptions = {}): Promise<ProcessLook> {
  const status = readProc(`${pid}/status`);
  const targets = fileDescriptors(pid);
  return {
    descriptors: targets.length === 0 ? undefined : countBy(targets.map(kindOfDescriptor)),
    sockets: targets.length === 0 || port === undefined ? undefined : await countSockets(pid, port),
    children: status === undefined ? undefined : childrenOf(pid),
    threadCount: numberIn(status, 'Threads'),
    rssBytes: bytesIn(status, 'VmRSS'),
    pssBytes: pss ? bytesIn(await proportionalMemory(pid), 'Pss') : undefined,
    countsReferences: COUNTS_REFERENCES.test(executableOf(pid) ?? ''),
  };
}

/** Several processes that serve the same clients, as one; what one of them does not show is not known of all. */
export async function lookAtProcesses(pids: readonly number[], options: ProcessLookOptions = {}): Promise<ProcessLook> {
  const looks = await Promise.all(pids.map((pid) => lookAtProcess(pid, options)));
  return {
    descriptors: addCounts(looks.map((look) => look.descriptors)),
    sockets: addCounts(looks.map((look) => look.sockets)),
    children: addCounts(looks.map((look) => look.children)),
    threadCount: addNumbers(looks.map((look) => look.threadCount)),
    rssBytes: addNumbers(looks.map((look) => look.rssBytes)),
    pssBytes: addNumbers(looks.map((look) => look.pssBytes)),
    countsReferences: looks.length > 0 && looks.every((look) => look.countsReferences),
  };
}

/** `socket`, `pipe`, `file`, `device`, or what the kernel calls an object of its own. */
export function kindOfDescriptor(target: string): string {
  const [, kernelObject] = /^anon_inode:\[?([^\]]+)\]?$/.exec(target) ?? [];
  if (kernelObject !== undefined) return kernelObject;
  const [, kind] = /^([a-z]+):\[\d+\]$/.exec(target) ?? [];
  if (kind !== undefined) return kind;
  return target.startsWith('/dev/') ? 'device' : 'file';
}

function childrenOf(pid: number): Counts {
  const children = childProcesses(pid).filter((child) => isAlive(child));
  return countBy(children.map((child) => programOf(child.pid)));
}

/** By the name it was started with: the kernel's own name of a process changes with its threads and is cut. */
function programOf(pid: number): string {
  const [program = ''] = commandLineOf(pid);
  return program.slice(program.lastIndexOf('/') + 1) || (readProc(`${pid}/comm`) ?? 'unknown').trim();
}

async function proportionalMemory(pid: number): Promise<string | undefined> {
  return await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => undefined);
}

function numberIn(text: string | undefined, field: string): number | undefined {
  const digits = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function bytesIn(text: string | undefined, field: string): number | undefined {
  const kilobytes = numberIn(text, field);
  return kilobytes === undefined ? undefined : kilobytes * 1024;
}

/** How often each of these names is among them. */
export function countBy(names: readonly string[]): Counts {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function addCounts(all: readonly (Counts | undefined)[]): Counts | undefined {
  const known = all.filter((counts) => counts !== undefined);
  if (known.length === 0 || known.length < all.length) return undefined;
  const total: Record<string, number> = {};
  for (const counts of known)
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  return total;
}

function addNumbers(all: readonly (number | undefined)[]): number | undefined {
  const known = all.filter((value) => value !== undefined);
  return known.length === 0 || known.length < all.length ? undefined : known.reduce((sum, value) => sum + value, 0);
}
