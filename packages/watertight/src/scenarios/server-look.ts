import type { FactoryStats } from '@watertight/server';
import { readdir } from 'node:fs/promises';
import { countSockets } from '../evidence/server-socket.ts';
import type { Counts } from './growth-in-windows.ts';
import { poll } from './poll.ts';
import type { ScenarioContext } from './types.ts';

/** What can be seen of a server at one moment without forcing a collection; `undefined` for what is not visible. */
export interface ServerLook {
  readonly stats: FactoryStats | undefined;
  /** Managers of any state, and users. */
  readonly held: Counts | undefined;
  /** Sockets of the process by TCP state. */
  readonly sockets: Counts | undefined;
  readonly descriptors: Counts | undefined;
  readonly handles: Counts | undefined;
  readonly listeners: Counts | undefined;
}

export async function lookAtServer({ inside, target }: ScenarioContext): Promise<ServerLook> {
  const { pid, url } = target;
  const [stats, handles, listeners, sockets, descriptors] = await Promise.all([
    inside?.factory?.stats(),
    inside?.handles(),
    inside?.processListeners(),
    pid === undefined ? undefined : countSockets(pid, Number(url.port)),
    pid === undefined ? undefined : countDescriptors(pid),
  ]);
  const held =
    stats === undefined
      ? undefined
      : { active: stats.active, pending: stats.pending, closing: stats.closing, users: stats.users };
  return { stats, held, sockets, descriptors, handles, listeners };
}

/**
 * The first look of a scenario. What an earlier one left is given time to go, so that it is not taken for the server's own;
 * on a server that others use as well somebody is always there, and that is no reason to wait for long.
 */
export async function firstLook(context: ScenarioContext, patienceMs: number): Promise<ServerLook> {
  const { last } = await poll(
    () => lookAtServer(context),
    ({ held, sockets }) =>
      Object.values(held ?? {}).every((count) => count === 0) && (sockets?.['ESTABLISHED'] ?? 0) === 0,
    { deadlineMs: patienceMs, everyMs: 20, signal: context.signal },
  );
  return last;
}

export interface Settled {
  readonly look: ServerLook;
  readonly settled: boolean;
  readonly afterMs: number;
  /** Until no manager and no user was more than at the baseline; `Infinity` when that did not come. */
  readonly heldAfterMs: number;
}

/** Looks until nothing is more than at the baseline, but for what `lives` may have opened once, or the time to settle is over. */
export async function settledLook(
  context: ScenarioContext,
  baseline: ServerLook,
  options: { readonly patienceMs: number; readonly lives: number },
): Promise<Settled> {
  const startedAtMs = performance.now();
  const once = (): number => onceOpened(options.lives);
  const sockets = socketAllowance(options.lives);
  let heldAfterMs = Infinity;
  const { last, reached, afterMs } = await poll(
    async () => {
      const look = await lookAtServer(context);
      if (heldAfterMs === Infinity && isBack(look.held, baseline.held)) heldAfterMs = performance.now() - startedAtMs;
      return look;
    },
    (look) =>
      isBack(look.held, baseline.held) &&
      isBack(look.sockets, baseline.sockets, sockets) &&
      isBack(look.descriptors, baseline.descriptors, once) &&
      isBack(look.handles, baseline.handles, once),
    { deadlineMs: options.patienceMs, everyMs: 30, signal: context.signal },
  );
  return { look: last, settled: reached, afterMs, heldAfterMs };
}

/**
 * A look that can serve as baseline: two in a row show the same, and nobody of the warm-up is held or connected any more.
 * Descriptors and handles may be more than at the start: what a server opens once, it opened now.
 */
export async function steadyLook(context: ScenarioContext, start: ServerLook, patienceMs: number): Promise<ServerLook> {
  let previous = '';
  const { last } = await poll(
    () => lookAtServer(context),
    (look) => {
      const { stats: _, ...counts } = look;
      const now = JSON.stringify(counts);
      const isSteady =
        now === previous &&
        (look.held?.['closing'] ?? 0) === 0 &&
        isBack(look.held, start.held) &&
        isBack(look.sockets, start.sockets);
      previous = now;
      return isSteady;
    },
    { deadlineMs: patienceMs, everyMs: 30, signal: context.signal },
  );
  return last;
}

function isBack(now: Counts | undefined, before: Counts | undefined, allowance?: (name: string) => number): boolean {
  return now === undefined || before === undefined || Object.keys(left(now, before, allowance)).length === 0;
}

/** What is there more than before, by name; only beyond what may be there for other reasons. */
export function left(
  now: Counts,
  before: Counts,
  allowance: (name: string) => number = () => 0,
): Record<string, number> {
  const more = Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(more.filter(([name, difference]) => difference > allowance(name)));
}

/** A server opens some things once, when it first needs them: that many, or one in twenty lives, prove nothing. */
export function onceOpened(lives: number): number {
  return Math.max(2, Math.floor(lives / 20));
}

/** Sockets on the port of the server are its clients', and all of ours are gone; of others some may have been opened for good. */
export function socketAllowance(lives: number): (name: string) => number {
  return (name) => (name === 'elsewhere' || name === 'unconnected' ? onceOpened(lives) : 0);
}

async function countDescriptors(pid: number): Promise<Counts | undefined> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => undefined);
  return descriptors === undefined ? undefined : { descriptors: descriptors.length };
}
