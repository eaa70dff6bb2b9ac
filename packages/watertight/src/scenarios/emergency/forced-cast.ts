import type { Client } from '../../drive/types.ts';
import type { Crowd } from '../shared/crowd.ts';

const SILENT_COUNT = 2;

/** A user whose slots are to be freed by force: two silent, one who is used, and one idle since it came. */
export interface ForcedCast {
  readonly user: string;
  readonly silent: readonly Client[];
  readonly used: readonly Client[];
  readonly idle: readonly Client[];
}

/** The idle one comes last: it is the one idle longest only because the other is used after that. */
export async function gatherForced(crowd: Crowd, user: string): Promise<ForcedCast> {
  const silent = await crowd.fill(user, SILENT_COUNT);
  const used = await crowd.fill(user, 1);
  const idle = await crowd.fill(user, 1);
  return { user, silent, used, idle };
}
