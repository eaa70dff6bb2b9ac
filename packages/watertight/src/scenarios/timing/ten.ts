import type { Client } from '../../drive/types.ts';
import { socketInodes } from '../../evidence/server-socket.ts';
import { poll } from '../../evidence/poll.ts';
import { promisedLimit } from '../shared/promised.ts';
import { roomFor } from '../shared/room-for.ts';
import { excuseRefused } from '../shared/turned-away.ts';
import { allWithin, judgeSamples, measure, type Measured, type Sample } from './timed.ts';
import type { TimingBench } from './bench.ts';

const MOST_MANAGERS_COUNT = 10;
const AT_ONCE = 'timing/at-once-every-socket-is-gone';
/** The endings of which the wire shows what the server does about them. */
const ENDINGS = ['close-frame', 'fin', 'protocol-error'] as const;

/** Ten managers of one user, or as many as its limit has room for: half of them end one by one, the others at once. */
export async function endTen(bench: TimingBench): Promise<void> {
  const { context, crowd, steps, deadlineMs } = bench;
  const user = context.drive.userId(1_001);
  const count = roomFor(MOST_MANAGERS_COUNT, promisedLimit(context.promises));
  const oneByOneCount = Math.ceil(count / 2);
  let clients: Client[] = [];
  await steps.check('timing/ten-managers-are-admitted', async () => {
    const before = crowd.refusals.length;
    clients = await crowd.fill(user, count);
    const turnedAway = crowd.refusals.slice(before);
    const admitted = clients.length;
    const message = `${admitted} of ${count} connections of one user were admitted`;
    excuseRefused(context.promises, turnedAway, message);
    return {
      ok: admitted === count,
      message,
      type: 'limit-undershoot',
      figures: { admitted, of: count },
    };
  });
  await steps.check('timing/one-by-one-each-socket-is-gone', async () => {
    const { result, loopDelayMs } = await timeGone(bench, user, clients.slice(0, oneByOneCount), async (each, run) => {
      const samples: Sample[] = [];
      for (const [index, client] of each.entries()) samples.push(await run(client, index));
      return samples;
    });
    return judgeSamples(result, deadlineMs, loopDelayMs, {
      what: 'sockets ended one by one were gone',
      type: 'slow-cleanup',
      patienceMs: bench.patienceMs,
    });
  });
  if (count === oneByOneCount)
    return steps.skip(AT_ONCE, 'not visible', `with a limit of ${count} no two of one user end at once`);
  await steps.check(AT_ONCE, async () => {
    const { result, loopDelayMs } = await timeGone(bench, user, clients.slice(oneByOneCount), (each, run) =>
      Promise.all(each.map(run)),
    );
    return judgeSamples(result, deadlineMs, loopDelayMs, {
      what: 'sockets ended at once were gone',
      type: 'slow-batch-cleanup',
      patienceMs: bench.patienceMs,
    });
  });
}

async function timeGone(
  bench: TimingBench,
  user: string,
  first: readonly Client[],
  inOrder: (
    clients: readonly Client[],
    run: (client: Client, index: number) => Promise<Sample>,
  ) => Promise<readonly Sample[]>,
): Promise<Measured<readonly Sample[]>> {
  let clients: readonly Client[] | undefined = first;
  return await measure(
    bench.loops,
    async () => {
      // A repetition needs clients that have not ended yet.
      const now = clients ?? (await bench.crowd.fill(user, first.length));
      clients = undefined;
      if (now.length === 0) throw new Error('nobody was admitted who could end');
      bench.endedCount += now.length;
      return await inOrder(now, async (client, index) => {
        const ending = ENDINGS[index % ENDINGS.length] ?? 'fin';
        const endedAtMs = await client.end(ending);
        const seen = await client.gone(bench.patienceMs);
        const elapsedMs = seen === undefined ? Infinity : seen.atMs - endedAtMs;
        bench.timing('socket gone', elapsedMs);
        return { name: `${index + 1} ${ending}`, elapsedMs };
      });
    },
    (samples) => allWithin(samples, bench.deadlineMs),
  );
}

/**
 * A reset in the middle of the upgrade leaves no client to watch. Nobody else comes at this moment, so a socket more in
 * the server's process can only be the one that was reset.
 */
export async function abortInUpgrade(bench: TimingBench): Promise<void> {
  const id = 'timing/after-an-abort-in-upgrade-nothing-is-held';
  const { inside, target, drive, signal } = bench.context;
  const user = bench.nextUser();
  const before = target.pid === undefined ? new Set<string>() : await socketInodes(target.pid);
  // A server that listens has a socket: none at all means that we may not look.
  const pid = before.size > 0 ? target.pid : undefined;
  if (inside?.factory === undefined && pid === undefined) {
    return bench.steps.skip(id, 'not visible', 'neither a factory nor the sockets of the server can be looked at');
  }
  const countLeft = async (): Promise<number> => {
    const held = (await inside?.factory?.usage(user))?.held ?? 0;
    const sockets = pid === undefined ? [] : [...(await socketInodes(pid))];
    return held + sockets.filter((inode) => !before.has(inode)).length;
  };
  await bench.steps.check(id, async () => {
    const run = async (): Promise<readonly Sample[]> => {
      const resetAtMs = await drive.abortInUpgrade(user);
      const { reached } = await poll(countLeft, (left) => left === 0, { deadlineMs: bench.patienceMs, signal });
      return [{ name: 'abort-in-upgrade', elapsedMs: reached ? performance.now() - resetAtMs : Infinity }];
    };
    const { result, loopDelayMs } = await measure(bench.loops, run, (samples) => allWithin(samples, bench.deadlineMs));
    return judgeSamples(result, bench.deadlineMs, loopDelayMs, {
      what: 'after a reset during the upgrade all was gone',
      type: 'slow-cleanup',
      patienceMs: bench.patienceMs,
    });
  });
}
