import type { Road } from '../target/road.ts';
import { upstreamOf } from './upstream.ts';
import { placed, type Identity } from './identity.ts';
import { liveOnce, type LivedLife } from './life-run.ts';
import type { LifeDrive, LifeEnding, LifeReport, Recipe } from './recipes/types.ts';
import { seededRandom } from './seeded-random.ts';
import { within } from './within.ts';
import type { Wire } from './wire.ts';

const SERVE_WITHIN_MS = 10_000;
const SETUP_WITHIN_MS = 10_000;

export interface LifeDriveOptions {
  /** The server; its path counts unless it is `/` and the recipe has one of its own. */
  readonly url: URL;
  readonly identity: Identity;
  readonly recipe: Recipe;
  /** Uniform in [0, 1). Every life draws one seed of its own from it when it begins. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** How the server is reached; default: straight. */
  readonly road?: Road | undefined;
  /** How long a recipe may take to be served, in milliseconds. Default: 10 000. */
  readonly serveWithinMs?: number;
}

/**
 * Opens a drive of client lives, and runs the recipe's `setup`.
 *
 * @throws Error when `setup` fails or takes longer than 10 s.
 */
export async function openLifeDrive(options: LifeDriveOptions): Promise<LifeDrive> {
  const drive = new WireLifeDrive(options);
  try {
    await drive.setUp();
  } catch (error) {
    await drive.dispose();
    throw error;
  }
  return drive;
}

class WireLifeDrive implements LifeDrive {
  readonly recipe: Recipe;
  readonly each = 'connection';
  readonly #options: LifeDriveOptions;
  readonly #url: URL;
  readonly #end = new AbortController();
  readonly #giveUp: AbortSignal;
  readonly #running = new Set<Promise<LivedLife>>();
  readonly #held = new Set<Wire>();
  #nextIndex = 0;
  #madeCount = 0;
  /** As many writes as an uncut life of this recipe was last seen to make. */
  #writesCount = 1;
  #disposed: Promise<void> | undefined;

  constructor(options: LifeDriveOptions) {
    this.recipe = options.recipe;
    this.#options = options;
    this.#url = new URL(options.url);
    if (this.#url.pathname === '/' && options.recipe.path !== undefined) this.#url.pathname = options.recipe.path;
    this.#giveUp = AbortSignal.any([options.signal, this.#end.signal]);
  }

  get introduces(): boolean {
    return this.#options.identity.place === 'message';
  }

  get heldCount(): number {
    return this.#held.size;
  }

  get madeCount(): number {
    return this.#madeCount;
  }

  async setUp(): Promise<void> {
    const done = this.recipe.setup?.({ url: new URL(this.#url), signal: this.#giveUp });
    if (done === undefined || (await within(done, SETUP_WITHIN_MS)) !== undefined) return;
    done.catch(() => undefined);
    throw new Error(`the setup of the recipe ${this.recipe.name} took longer than ${SETUP_WITHIN_MS} ms`);
  }

  async live(asked: {
    readonly user: string;
    readonly ending: LifeEnding;
    readonly patienceMs: number;
  }): Promise<LifeReport> {
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    const random = seededRandom(Math.floor(this.#options.random() * 2 ** 32), 'life');
    try {
      if (this.#giveUp.aborted) throw new Error('the drive is disposed: it lives no more lives');
      const placement = await placed(this.#options.identity, this.#url, asked.user);
      const living = liveOnce({
        ...asked,
        index,
        random,
        recipe: this.recipe,
        placement,
        to: upstreamOf(this.#url, this.#options.road),
        serveWithinMs: this.#options.serveWithinMs ?? SERVE_WITHIN_MS,
        writeNumber: 1 + Math.floor(random() * this.#writesCount),
        giveUp: this.#giveUp,
      });
      this.#running.add(living);
      try {
        return this.#account(await living);
      } finally {
        this.#running.delete(living);
      }
    } catch (error) {
      return neverLived(index, asked.ending, error instanceof Error ? error.message : String(error));
    }
  }

  async releaseHeld(): Promise<void> {
    const held = [...this.#held];
    this.#held.clear();
    await Promise.all(held.map(async (wire) => await wire.dispose()));
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#disposeAll();
    return this.#disposed;
  }

  async #disposeAll(): Promise<void> {
    this.#end.abort();
    await Promise.allSettled(this.#running);
    await this.releaseHeld();
    try {
      await within(this.recipe.teardown?.() ?? Promise.resolve(), SETUP_WITHIN_MS);
    } catch {
      // Companions that cannot be ended properly are no finding about the server.
    }
  }

  #account(lived: LivedLife): LifeReport {
    this.#madeCount += lived.connectionsCount;
    if (lived.writesCount !== undefined) this.#writesCount = Math.max(1, lived.writesCount);
    if (lived.held) this.#held.add(lived.held);
    return lived.report;
  }
}

function neverLived(index: number, ending: LifeEnding, failure: string): LifeReport {
  return {
    index,
    ending,
    served: false,
    refused: undefined,
    failure,
    note: undefined,
    endedAtMs: performance.now(),
    letGo: undefined,
  };
}
