import { Deadline } from '../deadline-queue.ts';
import type { Host } from '../host.ts';
import { JITTER_SHARE, type LeaseTerms } from './lease-terms.ts';
import { Overrides } from './overrides.ts';
import type { StoreCalls } from './store-calls.ts';
import type { StoreClock } from './store-clock.ts';
import type { LeaseOwner, LeaseStore } from './types.ts';

/** While the store is away it is asked this often whether it is back. */
const PROBE_MS = 250;
/** A node that has said nothing for so many notice intervals may be gone; one late word says nothing. */
const GONE_AFTER_NOTICES = 3;

interface PulseOwner {
  readonly nodeId: string;
  readonly store: LeaseStore;
  readonly terms: LeaseTerms;
  readonly calls: StoreCalls;
  readonly storeClock: StoreClock;
  ownerOf(user: string): LeaseOwner;
  /** Limits or leases were changed by hand: what was refused for a moment is asked anew; without a user, of everybody. */
  forgetRefusals(user?: string): void;
}

interface PulseActions {
  renewAll(): Promise<void>;
  renew(user: string): Promise<void>;
  suspect(user: string): void;
}

/** What a node does by the clock: renew its leases, say that it lives, hear what others have to say. On the factory's one timer. */
export class Pulse {
  readonly #host: Host;
  readonly #owner: PulseOwner;
  readonly #actions: PulseActions;
  readonly overrides: Overrides;
  readonly #renewal = new Tick(() => this.#renew());
  readonly #beat = new Tick(() => this.beatNow());
  readonly #soon = new Set<string>();
  #isRunning = false;
  #beating: Promise<void> | undefined;
  /** Nodes that live, as far as is known; this one is. */
  nodes = 1;

  constructor(host: Host, owner: PulseOwner, actions: PulseActions) {
    this.#host = host;
    this.#owner = owner;
    this.#actions = actions;
    this.overrides = new Overrides(host.limits, owner);
  }

  start(): void {
    this.#isRunning = true;
    this.#scheduleRenewal();
    this.beatNow();
  }

  /** Resolves when the store knows of no beat that it has not answered: a late one would say that this node lives. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#host.deadlines.cancel(this.#renewal);
    this.#host.deadlines.cancel(this.#beat);
    await this.#beating;
  }

  /** The store is away: its return is waited for. */
  hurry(): void {
    this.#scheduleBeat();
  }

  beatNow(): void {
    if (!this.#isRunning) return;
    this.#beating ??= this.#beatOnce().finally(() => {
      this.#beating = undefined;
      this.#scheduleBeat();
    });
  }

  /** Looks after the leases of a user in the next turn of the loop. */
  renewSoon(user: string): void {
    if (this.#soon.size === 0) this.#host.clock.setImmediate(() => this.#renewThose());
    this.#soon.add(user);
  }

  #renew(): void {
    this.#scheduleRenewal();
    void this.#actions.renewAll();
  }

  #renewThose(): void {
    const users = [...this.#soon];
    this.#soon.clear();
    if (!this.#isRunning) return;
    for (const user of users) void this.#actions.renew(user);
  }

  async #beatOnce(): Promise<void> {
    const { calls, nodeId, store, terms } = this.#owner;
    try {
      const sentAtMs = this.#host.clock.now();
      const answer = await calls.call(() => store.beat(nodeId, countedForMs(terms), this.overrides.version));
      this.#owner.storeClock.heard(answer.nowMs, sentAtMs);
      this.nodes = Math.max(1, answer.nodes);
      if (answer.overrides !== undefined) this.overrides.read(answer.overrides, answer.overridesVersion);
      let isAll = false;
      for (const { kind, user } of answer.notices) {
        if (kind === 'renew') this.renewSoon(user);
        else if (kind === 'renew-all') isAll = true;
        else this.#actions.suspect(user);
      }
      if (isAll) void this.#actions.renewAll();
      // Only now: a store that takes none of them is to hear that this node lives.
      void this.overrides.write().catch(() => undefined);
    } catch {
      // Whoever watches the store has been told.
    }
    if (this.#isRunning && calls.wantsProof()) void this.#actions.renewAll();
  }

  #scheduleRenewal(): void {
    if (!this.#isRunning) return;
    const jitter = 1 + (Math.random() * 2 - 1) * JITTER_SHARE;
    // Whole multiples of a twentieth: the queue has a lane for each delay.
    const delayMs = Math.max(1, Math.round((this.#owner.terms.renewIntervalMs * Math.round(jitter * 20)) / 20));
    this.#host.deadlines.schedule(this.#renewal, delayMs, this.#host.clock.now());
  }

  #scheduleBeat(): void {
    if (!this.#isRunning) return;
    const { isAway } = this.#owner.calls;
    const { noticeIntervalMs } = this.#owner.terms;
    const delayMs = isAway ? Math.min(PROBE_MS, noticeIntervalMs) : noticeIntervalMs;
    this.#host.deadlines.schedule(this.#beat, delayMs, this.#host.clock.now());
  }
}

/** How long a node counts as alive after it has said so: no shorter than a lease, and no shorter than it may be silent. */
function countedForMs({ noticeIntervalMs, ttlMs }: LeaseTerms): number {
  return Math.max(ttlMs, Math.ceil(GONE_AFTER_NOTICES * noticeIntervalMs));
}

class Tick extends Deadline {
  readonly #run: () => void;

  constructor(run: () => void) {
    super();
    this.#run = run;
  }

  override onDue(): void {
    this.#run();
  }
}
