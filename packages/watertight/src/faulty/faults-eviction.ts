import type { OnLimitDecision } from '@watertight/server';
import type { Fault } from './fault.ts';
import { type Evicted, SpecimenEviction } from './specimen-eviction.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import { withParts } from './with-parts.ts';

class EvictsTheNewest extends SpecimenEviction {
  override choose(user: string, managers: readonly SpecimenManager[]): Promise<Evicted | undefined> {
    return super.choose(user, this.options.onLimit === 'evict-oldest' ? managers.toReversed() : managers);
  }
}

class EvictsWithoutAWord extends SpecimenEviction {
  override async choose(user: string, managers: readonly SpecimenManager[]): Promise<Evicted | undefined> {
    const evicted = await super.choose(user, managers);
    return evicted && { ...evicted, reason: 'closed' };
  }
}

class EvictsWhoeverIsThere extends SpecimenEviction {
  constructor(options: SpecimenOptions) {
    super({ ...options, evictIdleAfterMs: 0 });
  }
}

class EvictsThoseAtWork extends SpecimenEviction {
  override candidates(managers: readonly SpecimenManager[]): readonly SpecimenManager[] {
    return managers.filter(({ state }) => state === 'active');
  }
}

class WaitsForAnAnswerForEver extends SpecimenEviction {
  override ask(user: string, managers: readonly SpecimenManager[]): Promise<OnLimitDecision> {
    return this.answer(user, managers);
  }
}

class TakesThePromiseForTheAnswer extends SpecimenEviction {
  override async answer(user: string, managers: readonly SpecimenManager[]): Promise<OnLimitDecision> {
    void super.answer(user, managers).catch(() => undefined);
    // What comes back at once is no decision that anybody knows.
    return await Promise.resolve('reject');
  }
}

const OLDEST = 'limit/an-eviction-ends-the-oldest-and-says-so';
const IDLE = 'limit/an-eviction-of-the-idle-spares-work-and-use';
const FUNCTION = 'limit/a-function-decides-in-time-or-refuses';

/** Faults of who makes room at the limit of a user. */
export const evictionFaults: readonly Fault[] = [
  {
    id: 'W-45',
    title: 'The newest is evicted',
    wrong: 'Whoever came last makes room, and the oldest, of which a client may long be gone, stays.',
    specimen: withParts({ Eviction: EvictsTheNewest }),
    caughtBy: [OLDEST],
  },
  {
    id: 'W-46',
    title: 'Evicted without a word',
    wrong: 'An eviction gives the reason of any other close, so that its client comes back at once.',
    specimen: withParts({ Eviction: EvictsWithoutAWord }),
    caughtBy: [OLDEST],
  },
  {
    id: 'W-51',
    title: 'Nobody is too busy to be evicted as idle',
    wrong: 'Of those that are to be idle for a time whoever was used longest ago goes, also when that was just now.',
    specimen: withParts({ Eviction: EvictsWhoeverIsThere }),
    caughtBy: [IDLE],
  },
  {
    id: 'W-52',
    title: 'Work is evicted as idleness',
    wrong: 'Who has work in flight and says nothing meanwhile is evicted as the one idle longest.',
    specimen: withParts({ Eviction: EvictsThoseAtWork }),
    caughtBy: [IDLE],
  },
  {
    id: 'W-53',
    title: 'A decision is waited for for ever',
    wrong: 'A function that never answers who is to go keeps whoever comes waiting.',
    specimen: withParts({ Eviction: WaitsForAnAnswerForEver }),
    caughtBy: [FUNCTION],
  },
  {
    id: 'W-54',
    title: 'A decision is not waited for',
    wrong: 'The promise of a function that decides is taken for its answer, so that whoever comes is refused.',
    specimen: withParts({ Eviction: TakesThePromiseForTheAnswer }),
    caughtBy: [FUNCTION],
  },
];
