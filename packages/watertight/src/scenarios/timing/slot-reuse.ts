import type { Client } from '../../drive/types.ts';
import type { Crowd } from '../shared/crowd.ts';
import { poll } from '../../evidence/poll.ts';
import type { Sample } from './timed.ts';
import type { ScenarioContext } from '../types.ts';

const ENDINGS = ['fin', 'close-frame', 'rst', 'protocol-error'] as const;

/**
 * Fills a user up to the limit and lets one after another end, each in another way: how long until somebody is admitted?
 * A finalizer that never ends hangs in the first manager. Answers how long each took, at most `patienceMs`.
 */
export async function timeSlotReuse(
  context: ScenarioContext,
  crowd: Crowd,
  options: { readonly user: string; readonly limit: number; readonly patienceMs: number },
): Promise<readonly Sample[]> {
  const { user, limit, patienceMs } = options;
  const startedAtMs = performance.now();
  const clients = await crowd.fill(user, 1);
  // What it takes to be let in when a slot is free: that much of a time says nothing about the slot.
  const entryMs = performance.now() - startedAtMs;
  const hung = context.inside?.factory !== undefined;
  if (hung) await context.inside?.factory?.hangFinalizer(user);
  clients.push(...(await crowd.fill(user, limit - 1)));
  if (clients.length < limit)
    throw new Error(`${clients.length} of ${limit} connections within the limit were admitted`);
  const wait = { user, patienceMs, entryMs, clients };
  const samples: Sample[] = [];
  for (const [index, ending] of ENDINGS.entries()) {
    const client = clients.shift();
    if (client === undefined) break;
    const endedAtMs = await client.end(ending);
    const name = index === 0 && hung ? `${ending} with a hung finalizer` : ending;
    const elapsedMs = await untilAdmitted(context, crowd, wait, endedAtMs);
    samples.push({ name, elapsedMs });
    if (elapsedMs === Infinity) return samples;
  }
  // Whoever leaves in the middle of the upgrade gives the place back as well; one place is made free for that first.
  const last = clients.shift();
  await last?.end('close-frame');
  await last?.gone(patienceMs);
  const resetAtMs = await context.drive.abortInUpgrade(user);
  samples.push({ name: 'abort-in-upgrade', elapsedMs: await untilAdmitted(context, crowd, wait, resetAtMs) });
  return samples;
}

async function untilAdmitted(
  context: ScenarioContext,
  crowd: Crowd,
  wait: { readonly user: string; readonly patienceMs: number; readonly entryMs: number; readonly clients: Client[] },
  endedAtMs: number,
): Promise<number> {
  const { last } = await poll(
    async () => {
      const attemptedAtMs = performance.now();
      const entry = await crowd.enter(wait.user);
      if (entry.admitted) wait.clients.push(entry.client);
      return { admitted: entry.admitted, freeAtMs: Math.max(attemptedAtMs, performance.now() - wait.entryMs) };
    },
    ({ admitted }) => admitted,
    { deadlineMs: wait.patienceMs, everyMs: 5, signal: context.signal },
  );
  return last.admitted ? last.freeAtMs - endedAtMs : Infinity;
}
