import { setTimeout as delay } from 'node:timers/promises';
import { launch, type AttemptSettings, type Launched } from './attempt.ts';
import { Doubts } from './doubts.ts';
import type { Road } from '../target/road.ts';
import type { Identity } from './identity.ts';
import { longestPing } from './frames.ts';
import type { Recipe } from './recipes/types.ts';
import type { Attempt, Drive } from './types.ts';

const DEFAULT_TIMEOUT_MS = 5_000;
/** Once a server was seen to answer no pings, later clients do not wait the whole time-out for one. */
const PONGLESS_WAIT_MS = 250;
/** Early bytes come in pieces, so that whoever drops one of them drops a part of a frame. */
const EARLY_PIECE_BYTES = 4;
const EARLY_PIECE_EVERY_MS = 2;

/** What a handshake needs in this server's protocol. */
export type HandshakeNeeds = Pick<Recipe, 'protocols' | 'query' | 'speech'>;

/**
 * Opens clients of `identity`'s users against the server at `url`; every one over a line of its own. They speak plain WebSocket, as
 * the protocol wants it. `doubts`: what drives against the same server have in common.
 */
export function openDrive(
  url: URL,
  identity: Identity,
  needs: HandshakeNeeds = {},
  road?: Road,
  doubts: Doubts = new Doubts(),
): Drive {
  const handshakeUrl = new URL(url);
  for (const [name, value] of Object.entries(needs.query ?? {})) handshakeUrl.searchParams.set(name, value);
  return new WireDrive(handshakeUrl, identity, needs, road, doubts);
}

class WireDrive implements Drive {
  readonly #url: URL;
  readonly #identity: Identity;
  readonly #road: Road | undefined;
  readonly #needs: HandshakeNeeds;
  readonly #doubts: Doubts;
  readonly #open = new Set<Launched>();
  readonly #endings = new Set<Promise<void>>();
  #madeCount = 0;
  #isPongless = false;
  #disposed = false;

  constructor(url: URL, identity: Identity, needs: HandshakeNeeds, road: Road | undefined, doubts: Doubts) {
    this.#url = url;
    this.#doubts = doubts;
    this.#road = road;
    this.#identity = identity;
    this.#needs = needs;
  }

  get openCount(): number {
    return this.#open.size;
  }

  get madeCount(): number {
    return this.#madeCount;
  }

  userId(index: number): string {
    return this.#identity.userId(index);
  }

  async connect(
    user: string,
    options: {
      readonly timeoutMs?: number;
      readonly stayMs?: number;
      readonly session?: string;
      readonly forwardedFor?: readonly string[];
    } = {},
  ): Promise<Attempt> {
    const launched = await this.#launch(user, false, options.timeoutMs, options);
    return launched.outcome;
  }

  async connectNameless(options: { readonly timeoutMs?: number } = {}): Promise<Attempt> {
    const launched = await this.#launch(undefined, false, options.timeoutMs);
    return launched.outcome;
  }

  async abortInUpgrade(user: string): Promise<number> {
    const launched = await this.#launch(user, true);
    await launched.line?.whenReady;
    launched.line?.release();
    await launched.line?.flushed();
    launched.line?.reset();
    const atMs = performance.now();
    await launched.dispose();
    return atMs;
  }

  async connectEarly(
    user: string,
    options: { readonly timeoutMs?: number } = {},
  ): Promise<{ readonly attempt: Attempt; readonly pingAnswered: boolean }> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const launched = await this.#launch(user, true, timeoutMs);
    const { line } = launched;
    await line?.whenReady;
    line?.release();
    // What the client itself sends, once it has its answer, must not land inside the frame.
    line?.holdBack();
    const { payload, frame } = longestPing();
    const pong = launched.pong(payload, timeoutMs);
    for (let sent = 0; sent < frame.length; sent += EARLY_PIECE_BYTES) {
      line?.inject(frame.subarray(sent, sent + EARLY_PIECE_BYTES));
      await delay(EARLY_PIECE_EVERY_MS);
    }
    line?.release();
    const attempt = await launched.outcome;
    return { attempt, pingAnswered: attempt.admitted && (await pong) };
  }

  async connectTalking(user: string, behind: Uint8Array): Promise<Attempt> {
    const launched = await this.#launch(user, true);
    await launched.line?.whenReady;
    launched.line?.release(behind);
    return launched.outcome;
  }

  async connectAtOnce(user: string, count: number): Promise<readonly Attempt[]> {
    const launched = await Promise.all(Array.from({ length: count }, () => this.#launch(user, true)));
    await Promise.all(launched.map(async (attempt) => attempt.line?.whenReady));
    // One stretch without an await: every request is on the wire before our loop can read the first answer.
    for (const attempt of launched) attempt.line?.release();
    return Promise.all(launched.map((attempt) => attempt.outcome));
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const launched of this.#open) void launched.dispose();
    await Promise.all(this.#endings);
  }

  async #launch(
    user: string | undefined,
    hold: boolean,
    timeoutMs: number = DEFAULT_TIMEOUT_MS,
    said: Partial<Pick<AttemptSettings, 'session' | 'forwardedFor' | 'stayMs'>> = {},
  ): Promise<Launched> {
    if (this.#disposed) throw new Error('the drive is disposed: it opens no more clients');
    this.#madeCount += 1;
    const settings: AttemptSettings = {
      url: this.#url,
      identity: this.#identity,
      road: this.#road,
      protocols: this.#needs.protocols ?? [],
      // Whatever it says as its protocol wants it, it says as somebody.
      speech: user === undefined ? undefined : this.#needs.speech,
      user,
      session: said.session,
      forwardedFor: said.forwardedFor,
      timeoutMs,
      doubts: this.#doubts,
      stayMs: said.stayMs ?? 0,
      pongWaitMs: this.#isPongless ? Math.min(PONGLESS_WAIT_MS, timeoutMs) : timeoutMs,
      hold,
      onNoPong: () => (this.#isPongless = true),
      onDispose: (attempt) => this.#onDispose(attempt),
    };
    const launched = await launch(settings);
    if (launched.line) this.#open.add(launched);
    if (this.#disposed) void launched.dispose();
    return launched;
  }

  #onDispose(attempt: Launched): void {
    this.#open.delete(attempt);
    const ending = attempt.dispose();
    this.#endings.add(ending);
    void ending.then(() => this.#endings.delete(ending));
  }
}
