import type { UserUsage } from '@watertight/server';
import type { Client } from '../../drive/types.ts';
import { countAnswering } from '../shared/crowd.ts';
import { sayClose } from '../shared/refusal.ts';
import type { ScenarioContext } from '../types.ts';

const PONG_MS = 2_000;

export interface LivingSeen {
  readonly answering: number;
  readonly livingGone: number;
  /** What those were told whom the server closed with a close frame. */
  readonly closes: readonly string[];
  readonly usage: UserUsage | undefined;
}

/** Whether clients that should be there are: on the wire, answering, and held. */
export async function lookAt(context: ScenarioContext, user: string, clients: readonly Client[]): Promise<LivingSeen> {
  const answering = await countAnswering(clients, PONG_MS);
  const gone = await Promise.all(clients.map((client) => client.gone(0)));
  return {
    answering,
    livingGone: gone.filter((seen) => seen !== undefined).length,
    closes: clients.flatMap(({ closedByServer }) => (closedByServer === undefined ? [] : sayClose(closedByServer))),
    usage: await context.inside?.factory?.usage(user),
  };
}
