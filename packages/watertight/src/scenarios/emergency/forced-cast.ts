import type { Client } from '../../drive/types.ts';
import type { Crowd } from '../shared/crowd.ts';
import { promisedLimit } from '../shared/promised.ts';
import { roomFor } from '../shared/room-for.ts';
import type { ScenarioContext } from '../types.ts';

const SILENT_COUNT = 2;

/** A user whose slots are to be freed by force: two silent, one who is used, one idle for longer, and one at work. */
export interface ForcedCast {
  readonly user: string;
  readonly silent: readonly Client[];
  readonly used: readonly Client[];
  readonly idle: readonly Client[];
  /** As quiet as the silent, with work in flight in its manager. */
  readonly working: readonly Client[];
  /** How many are to be at work: nobody where the limit has no room for one more. */
  readonly workingCount: number;
  /** How many are to be there in all. */
  readonly count: number;
}

/** The silent, the one in use and the idle one. */
const WITHOUT_WORKING_COUNT = SILENT_COUNT + 2;

/** The idle one comes after the one in use: it is the one idle longest only because the other is used after that. */
export async function gatherForced(
  { inside, promises }: ScenarioContext,
  crowd: Crowd,
  user: string,
): Promise<ForcedCast> {
  const silent = await crowd.fill(user, SILENT_COUNT);
  const used = await crowd.fill(user, 1);
  const idle = await crowd.fill(user, 1);
  const count = roomFor(WITHOUT_WORKING_COUNT + 1, promisedLimit(promises));
  const workingCount = count - WITHOUT_WORKING_COUNT;
  const working = await crowd.fill(user, workingCount);
  if (working.length > 0) await inside?.factory?.startWork(user);
  return { user, silent, used, idle, working, workingCount, count };
}
