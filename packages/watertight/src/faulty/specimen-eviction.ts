import type { EvictionCandidate, OnLimitDecision } from '@watertight/server';
import type { SpecimenManager } from './specimen-manager.ts';
import { nowMs } from './specimen-options.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import { within } from './specimen-teardown.ts';

/** Who goes, and what its client is told. */
export interface Evicted {
  readonly manager: SpecimenManager;
  readonly reason: string;
}

/** What happens at the limit of a user: whose place somebody new may have. */
export class SpecimenEviction {
  readonly options: SpecimenOptions;

  constructor(options: SpecimenOptions) {
    this.options = options;
  }

  /** Who makes room, if somebody does; `managers` are those of one user, first admitted first. */
  async choose(user: string, managers: readonly SpecimenManager[]): Promise<Evicted | undefined> {
    const { onLimit, evictIdleAfterMs } = this.options;
    const decision = onLimit === 'function' ? await this.ask(user, managers) : onLimit;
    const [oldest] = managers;
    if (decision === 'reject') return undefined;
    if (decision === 'evict-oldest') return oldest && { manager: oldest, reason: 'evicted:oldest' };
    if (decision === 'evict-idle') {
      const [idle] = this.candidates(managers)
        .filter((manager) => nowMs() - manager.usedAtMs >= evictIdleAfterMs)
        .toSorted((one, other) => one.usedAtMs - other.usedAtMs);
      return idle && { manager: idle, reason: 'evicted:idle' };
    }
    const chosen = this.candidates(managers).find(({ id }) => id === decision.evict);
    return chosen && { manager: chosen, reason: 'evicted:chosen' };
  }

  /** Those that may go: admitted, and not at work. */
  candidates(managers: readonly SpecimenManager[]): readonly SpecimenManager[] {
    return managers.filter((manager) => manager.state === 'active' && manager.inFlight === 0);
  }

  /** The function decides, in time; throwing and hanging refuse. */
  async ask(user: string, managers: readonly SpecimenManager[]): Promise<OnLimitDecision> {
    let decision: OnLimitDecision = 'reject';
    const asking = this.answer(user, managers).then((answer) => {
      decision = answer;
    });
    return (await within(asking, this.options.onLimitTimeoutMs)) ? decision : 'reject';
  }

  async answer(user: string, managers: readonly SpecimenManager[]): Promise<OnLimitDecision> {
    const { hooks, maxManagersPerUser: limit } = this.options;
    const candidates = this.candidates(managers).map(factsOf);
    const attempt = { user, sessionId: undefined, remoteAddress: undefined, limit, held: managers.length, candidates };
    return (await hooks.onLimit?.(attempt)) ?? 'reject';
  }
}

function factsOf({ id, sessionId, address, connections, createdAtMs, usedAtMs }: SpecimenManager): EvictionCandidate {
  return {
    managerId: id,
    sessionId,
    remoteAddress: address,
    connectionCount: connections.size,
    ageMs: nowMs() - createdAtMs,
    idleForMs: nowMs() - usedAtMs,
  };
}
