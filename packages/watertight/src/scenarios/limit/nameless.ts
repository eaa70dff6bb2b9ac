import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../drive/types.ts';
import type { FactoryStats } from '@watertight/server';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepDefinition, StepOutcome } from '../types.ts';

const ID = 'limit/who-does-not-say-who-it-is-is-let-go';

export const NAMELESS_STEP: StepDefinition = {
  id: ID,
  title:
    'Whoever does not say who it is gets no WebSocket, or loses it as soon when it sends pings or messages as when it is silent',
};

/** A server that lets somebody without a name stay for longer than this promises nothing about it. */
const PATIENCE_MS = 2_000;
const SAYS_EVERY_MS = 40;
/** Timers and the loops of both sides are late on a busy machine. */
const SLACK_MS = 500;

type Seen =
  | { readonly refused: readonly string[] }
  | { readonly isAdmitted: true }
  | { readonly silentMs: number | undefined; readonly others: Readonly<Record<string, number | undefined>> };

/** Three that never say who they are; begun before anybody else comes, and watched while the others are looked at. */
export class NamelessWatch {
  readonly #isOver: AbortController = new AbortController();
  #clients: readonly Client[] = [];
  #seen: Promise<Seen> | undefined;

  /** Resolves when they have come, or could not. */
  async begin({ drive, inside }: ScenarioContext): Promise<void> {
    const factory = inside?.factory;
    if (factory === undefined) return;
    const come = async (): Promise<Seen | readonly [Client, Client, Client]> => {
      const before = heldIn(await factory.stats());
      const attempts = await Promise.all([1, 2, 3].map(() => drive.connectNameless({ timeoutMs: PATIENCE_MS })));
      this.#clients = attempts.flatMap((attempt) => (attempt.admitted ? [attempt.client] : []));
      const refused = attempts.flatMap((attempt) =>
        attempt.admitted ? [] : [String(attempt.httpStatus ?? attempt.closeCode ?? attempt.failure)],
      );
      const [silent, pinging, talking] = this.#clients;
      if (silent === undefined || pinging === undefined || talking === undefined) return { refused };
      return heldIn(await factory.stats()) > before ? { isAdmitted: true } : [silent, pinging, talking];
    };
    const coming = come();
    this.#seen = coming.then((seen) => ('length' in seen ? watch(seen, this.#isOver.signal) : seen));
    // They may fail while something else is looked at.
    this.#seen.catch(() => undefined);
    await coming.catch(() => undefined);
  }

  async check(steps: Steps): Promise<void> {
    if (this.#seen === undefined)
      return steps.skip(ID, 'not visible', 'only a factory that can be asked says whether it has admitted somebody');
    const why = whyNothingIsPromised(await this.#seen.catch(() => undefined));
    if (why !== undefined) return steps.skip(ID, 'not promised', why);
    const seen = this.#seen;
    await steps.check(ID, async () => judge(await seen));
  }

  /** Gives those up that are still there. */
  dispose(): void {
    this.#isOver.abort();
    for (const client of this.#clients) client.dispose();
  }
}

function heldIn({ active, pending }: FactoryStats): number {
  return active + pending;
}

async function watch([silent, pinging, talking]: readonly [Client, Client, Client], over: AbortSignal): Promise<Seen> {
  const comeAtMs = performance.now();
  const until = async (client: Client, deadlineMs: number): Promise<number | undefined> => {
    const gone = await client.gone(deadlineMs);
    return gone === undefined ? undefined : Math.round(gone.atMs - comeAtMs);
  };
  void keepSaying(over, pinging, () => void pinging.ping(SAYS_EVERY_MS).catch(() => false));
  void keepSaying(over, talking, () => talking.send('not a name'));
  const silentMs = await until(silent, PATIENCE_MS);
  if (silentMs === undefined) return { silentMs, others: {} };
  const [pingingMs, talkingMs] = await Promise.all([until(pinging, SLACK_MS), until(talking, SLACK_MS)]);
  return { silentMs, others: { pinging: pingingMs, talking: talkingMs } };
}

async function keepSaying(over: AbortSignal, client: Client, say: () => void): Promise<void> {
  while (!over.aborted && client.state === 'open' && client.closedByServer === undefined) {
    say();
    await delay(SAYS_EVERY_MS);
  }
}

function whyNothingIsPromised(seen: Seen | undefined): string | undefined {
  if (seen === undefined) return undefined;
  if ('isAdmitted' in seen) return 'whoever does not say who it is is admitted like everybody';
  if ('silentMs' in seen && seen.silentMs === undefined)
    return `a connection without a name may stay for longer than ${PATIENCE_MS} ms`;
  return undefined;
}

function judge(seen: Seen): StepOutcome {
  if ('refused' in seen) return { ok: true, figures: { refused: seen.refused.join(', ') } };
  if ('isAdmitted' in seen) return { ok: true, figures: { admitted: true } };
  const { silentMs, others } = seen;
  const stayed = Object.entries(others).filter(([, goneMs]) => goneMs === undefined);
  const message = `without a name a silent connection was let go after ${silentMs} ms, and ${stayed.map(([who]) => `one that is ${who}`).join(' and ')} still stays ${SLACK_MS} ms later`;
  const figures = {
    'silent ms': silentMs ?? null,
    'pinging ms': others['pinging'] ?? null,
    'talking ms': others['talking'] ?? null,
  };
  return { ok: stayed.length === 0, message, type: 'silence-undetected', figures };
}
