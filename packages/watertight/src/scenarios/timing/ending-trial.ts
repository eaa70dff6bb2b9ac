import type { ReleaseReport } from '@watertight/server';
import type { Client, Ending } from '../../drive/types.ts';
import { findServerSocket } from '../../evidence/server-socket.ts';
import type { Crowd } from '../shared/crowd.ts';
import { poll, withinMs } from '../../evidence/poll.ts';
import { portOf } from '../../target/url.ts';
import type { ScenarioContext } from '../types.ts';

/** What ends a connection in a trial: an ending of the client, or the server's own close towards a peer that does not answer. */
export type TrialEnding = Exclude<Ending, 'vanish' | 'stall' | 'abort-in-upgrade'> | 'goodbye' | 'server-close';

export const TRIAL_ENDINGS: readonly TrialEnding[] = [
  'close-frame',
  'goodbye',
  'fin',
  'rst',
  'protocol-error',
  'server-close',
];

/** What became of one connection after its end; every duration from the end on, `Infinity` when it did not come. */
export interface Trial {
  readonly user: string;
  readonly ending: TrialEnding;
  /** A finalizer that never ends was registered with its manager. */
  readonly hung: boolean;
  /** Until the server let go of the socket; `undefined` when that cannot be seen here. */
  readonly goneMs: number | undefined;
  /** Until the server said the slot is free; `undefined` without a factory to ask. */
  readonly freeMs: number | undefined;
  /** The manager was still closing when its slot was free: proof that the slot did not wait for the cleanup. */
  readonly freeWhileClosing: boolean;
  /** Only after the server's own close with a hung finalizer. */
  readonly report: ReleaseReport | undefined;
}

/** Finalizers hung into the manager whose report is read: one that hangs must not keep the next from being started. */
export const HUNG_IN_REPORT_COUNT = 2;

/** Lets one client of a user in, ends it, and watches the server let go, for at most `patienceMs`. */
export async function tryEnding(
  context: ScenarioContext,
  crowd: Crowd,
  trial: { readonly user: string; readonly ending: TrialEnding; readonly hung: boolean; readonly patienceMs: number },
): Promise<Trial> {
  const { user, ending, hung, patienceMs } = trial;
  const factory = context.inside?.factory;
  const entry = await crowd.enter(user);
  if (!entry.admitted) throw new Error(`${user} was not admitted, so nothing is known about ${ending}`);
  const { client } = entry;
  const hangs = !hung ? 0 : ending === 'server-close' ? HUNG_IN_REPORT_COUNT : 1;
  for (let count = 0; count < hangs; count += 1) await factory?.hangFinalizer(user);
  const seesReset = ending === 'rst' ? await watchReset(context, client) : undefined;
  const { endedAtMs, reports } = await end(context, client, user, ending, hung);
  const freed = async (): Promise<Pick<Trial, 'freeMs' | 'freeWhileClosing'>> => {
    if (factory === undefined) return { freeMs: undefined, freeWhileClosing: false };
    const { reached, last } = await poll(
      () => factory.usage(user),
      (usage) => usage.held === 0,
      { deadlineMs: patienceMs, everyMs: 20, signal: context.signal },
    );
    return {
      freeMs: reached ? performance.now() - endedAtMs : Infinity,
      freeWhileClosing: reached && last.closing > 0,
    };
  };
  const gone = async (): Promise<number | undefined> => {
    if (ending === 'rst') return await seesReset?.(endedAtMs, patienceMs);
    const seen = await client.gone(patienceMs);
    return seen === undefined ? Infinity : seen.atMs - endedAtMs;
  };
  const [free, goneMs] = await Promise.all([freed(), gone()]);
  return { user, ending, hung, goneMs, ...free, report: (await withinMs(reports, patienceMs))?.[0] };
}

async function end(
  context: ScenarioContext,
  client: Client,
  user: string,
  ending: TrialEnding,
  hung: boolean,
): Promise<{ endedAtMs: number; reports: Promise<readonly ReleaseReport[]> | undefined }> {
  if (ending === 'goodbye') return { endedAtMs: await client.sayGoodbye(), reports: undefined };
  if (ending !== 'server-close') return { endedAtMs: await client.end(ending), reports: undefined };
  const factory = context.inside?.factory;
  client.vanish();
  const endedAtMs = performance.now();
  if (hung) {
    const reports = factory?.closeAllForUser(user, 'timing');
    // Read only after the socket was watched; a failure must not be unhandled until then.
    void reports?.catch(() => undefined);
    return { endedAtMs, reports };
  }
  await factory?.startCloseAllForUser(user, 'timing');
  return { endedAtMs, reports: undefined };
}

/** After our own reset the wire shows nothing any more; the server's process does, where `/proc` can be read. */
async function watchReset(
  context: ScenarioContext,
  client: Client,
): Promise<((endedAtMs: number, patienceMs: number) => Promise<number>) | undefined> {
  const { pid, url } = context.target;
  if (pid === undefined) return undefined;
  const socket = await findServerSocket(pid, portOf(url), client.localPort);
  if (socket === undefined) return undefined;
  return async (endedAtMs, patienceMs) => {
    const { reached } = await poll(
      () => socket.isHeld(),
      (held) => !held,
      { deadlineMs: patienceMs, signal: context.signal },
    );
    return reached ? performance.now() - endedAtMs : Infinity;
  };
}
