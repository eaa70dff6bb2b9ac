import type { Client } from '../../drive/types.ts';

/** More of a user than its limit, and nobody of them gone: only that breaks a limit. */
export interface AboveLimit {
  readonly limit: number;
  /** Whoever is thought to be there, those who came in above the limit included. */
  readonly clients: readonly Client[];
}

/** A pong is waited for so long. */
export const PONG_MS = 2_000;

/**
 * A server that let somebody go meanwhile had room: one that could not be heard on a busy machine, or the oldest, which it ended for the next.
 * @throws Error with `what` and the numbers, where there are not more than the limit.
 */
export async function proveAboveLimit(what: string, { limit, clients }: AboveLimit): Promise<void> {
  const answers = await Promise.all(clients.map((client) => client.ping(PONG_MS)));
  // Not every server answers pings; whom it let go of is seen on the wire.
  const there = clients.filter((client, index) => answers[index] === true || client.state === 'open').length;
  if (there > limit) return;
  throw new Error(
    `${what}, but of ${clients.length} only ${there} are still there: the server has ended somebody meanwhile, be it for the next one or for a silence; repeat on a less busy machine`,
  );
}
