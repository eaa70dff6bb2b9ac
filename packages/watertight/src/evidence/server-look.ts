import type { FactoryStats } from '@watertight/server';
import { countSocketsTogether } from './server-socket.ts';
import type { Counts } from './counts.ts';
import { poll, type Polled } from './poll.ts';
import { lookAtProcesses } from './process-look.ts';
import type { InsideView } from '../inspector/types.ts';
import type { Target } from '../target/types.ts';
import { portOf } from '../target/url.ts';

/** Whoever is looked at. */
export interface Lookable {
  readonly target: Target;
  readonly inside: InsideView | undefined;
  readonly signal: AbortSignal;
  /** Gauges of the metrics of the server, by name. */
  readonly gauges?: (() => Promise<Counts | undefined>) | undefined;
}

/** What can be seen of a server at one moment without forcing a collection; `undefined` for what is not visible. */
export interface ServerLook {
  readonly stats: FactoryStats | undefined;
  /** Managers of any state, and users. */
  readonly held: Counts | undefined;
  /** Sockets of all processes that serve, by TCP state. */
  readonly sockets: Counts | undefined;
  /** Open file descriptors by kind. */
  readonly descriptors: Counts | undefined;
  /** Child processes that live, by program. */
  readonly children: Counts | undefined;
  readonly handles: Counts | undefined;
  readonly listeners: Counts | undefined;
  /** What its own metrics say, of those gauges that were asked for. */
  readonly gauges: Counts | undefined;
}

/** Everything but the sockets and the gauges: what can be asked often. */
async function glanceAtServer({ inside, target }: Lookable): Promise<ServerLook> {
  const [stats, handles, listeners, { descriptors, children }] = await Promise.all([
    inside?.factory?.stats(),
    inside?.handles(),
    inside?.processListeners(),
    lookAtProcesses(target.pids),
  ]);
  const held =
    stats === undefined
      ? undefined
      : { active: stats.active, pending: stats.pending, closing: stats.closing, users: stats.users };
  return { stats, held, sockets: undefined, descriptors, children, handles, listeners, gauges: undefined };
}

/** Gauges first: whoever is asked for them has one connection more meanwhile. */
async function lookAtDear({ target, gauges }: Lookable): Promise<Pick<ServerLook, 'sockets' | 'gauges'>> {
  const read = await gauges?.();
  return { gauges: read, sockets: await countSocketsTogether(target.pids, portOf(target.url)) };
}

/**
 * Looks again and again until nothing is left. The kernel's table holds the sockets of the whole machine, those that wait
 * out their time included, and takes tens of milliseconds to read: it is asked once the rest is back, and at the end; so are gauges.
 */
async function lookUntil(
  context: Lookable,
  done: (look: ServerLook) => boolean,
  options: { readonly deadlineMs: number; readonly everyMs: number },
): Promise<Polled<ServerLook>> {
  const polled = await poll(
    async () => {
      const look = await glanceAtServer(context);
      return done(look)
        ? { look: { ...look, ...(await lookAtDear(context)) }, isWhole: true }
        : { look, isWhole: false };
    },
    ({ look }) => done(look),
    { ...options, signal: context.signal },
  );
  const { look, isWhole } = polled.last;
  return { ...polled, last: isWhole ? look : { ...look, ...(await lookAtDear(context)) } };
}

/**
 * The first look of a scenario. What an earlier one left is given time to go, so that it is not taken for the server's own;
 * on a server that others use as well somebody is always there, and that is no reason to wait for long.
 */
export async function firstLook(context: Lookable, patienceMs: number): Promise<ServerLook> {
  const { last } = await lookUntil(
    context,
    ({ held, sockets }) =>
      Object.values(held ?? {}).every((count) => count === 0) && (sockets?.['ESTABLISHED'] ?? 0) === 0,
    { deadlineMs: patienceMs, everyMs: 20 },
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
  context: Lookable,
  baseline: ServerLook,
  options: { readonly patienceMs: number; readonly lives: number },
): Promise<Settled> {
  const startedAtMs = performance.now();
  const once = (): number => onceOpened(options.lives);
  const sockets = socketAllowance(options.lives);
  let heldAfterMs = Infinity;
  const { last, reached, afterMs } = await lookUntil(
    context,
    (look) => {
      const isReleased = isBack(look.held, baseline.held);
      if (heldAfterMs === Infinity && isReleased) heldAfterMs = performance.now() - startedAtMs;
      return (
        isReleased &&
        isBack(look.sockets, baseline.sockets, sockets) &&
        isBack(look.descriptors, baseline.descriptors, once) &&
        isBack(look.children, baseline.children, once) &&
        isBack(look.handles, baseline.handles, once) &&
        isBack(look.gauges, baseline.gauges, once)
      );
    },
    { deadlineMs: options.patienceMs, everyMs: 30 },
  );
  return { look: last, settled: reached, afterMs, heldAfterMs };
}

/**
 * A look that can serve as baseline: two in a row show the same, and nobody of the warm-up is held or connected any more.
 * Descriptors and handles may be more than at the start: what a server opens once, it opened now.
 */
export async function steadyLook(context: Lookable, start: ServerLook, patienceMs: number): Promise<ServerLook> {
  let previous = '';
  const { last } = await poll(
    async () => {
      const { stats, ...counts } = await glanceAtServer(context);
      const now = JSON.stringify(counts);
      const isSteady = now === previous && (counts.held?.['closing'] ?? 0) === 0 && isBack(counts.held, start.held);
      previous = now;
      return { look: { stats, ...counts }, dear: isSteady ? await lookAtDear(context) : undefined };
    },
    ({ dear }) => dear !== undefined && isBack(dear.sockets, start.sockets),
    { deadlineMs: patienceMs, everyMs: 30, signal: context.signal },
  );
  return { ...last.look, ...(last.dear ?? (await lookAtDear(context))) };
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
  return (name) => (name === 'other' ? onceOpened(lives) : 0);
}
