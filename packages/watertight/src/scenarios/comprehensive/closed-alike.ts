import type { Client } from '../../drive/types.ts';
import { poll } from '../../evidence/poll.ts';
import { isRefusingCode, sayClose } from '../shared/refusal.ts';
import type { ScenarioContext } from '../types.ts';
import type { Played } from './habits.ts';

/** None of the users whose habits are played. */
const ALONE_USER = 2_007;
const SLACK_MS = 500;

/**
 * A server of which nothing is known may want to be told something first, or keep nobody who is idle: then it tells all of them the same,
 * and somebody more who comes now and says nothing as well. Whoever was ended for the sake of others is not excused.
 *
 * @throws Error that makes the step `inconclusive`, with what would settle it.
 */
export async function excuseClosedAlike(
  { promises, inside, drive, signal }: ScenarioContext,
  { bystanders, playedForMs }: Played,
  seen: string,
): Promise<void> {
  // Where managers are counted, one more would be one too many.
  if (promises.limit.by !== 'nobody' || inside?.factory !== undefined) return;
  const [told, ...others] = new Set(bystanders.map(closeOf));
  if (told === undefined || others.length > 0) return;
  const attempt = await drive.connect(drive.userId(ALONE_USER));
  if (!attempt.admitted) return;
  const { client } = attempt;
  const { last } = await poll(
    () => closeOf(client),
    (close) => close !== undefined,
    { deadlineMs: playedForMs + SLACK_MS, signal },
  );
  client.dispose();
  if (last !== told) return;
  throw new Error(
    `${seen}, and so it did with somebody who came alone; none had said anything: where the server wants to be told first who they are, --user message:<text> would settle it`,
  );
}

function closeOf({ closedByServer }: Client): string | undefined {
  return closedByServer === undefined || !isRefusingCode(closedByServer.code) ? undefined : sayClose(closedByServer);
}
