import { CLOSE_CODES } from './close-codes.ts';
import type { AdmissionRequest } from './context.ts';
import { chooseToEvict } from './eviction.ts';
import { reportError } from './host.ts';
import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import type { EvictionCandidate, LimitAttempt, OnLimit, OnLimitDecision } from './on-limit.ts';

/** Attempts that may wait for an `onLimit` function at once; the next is refused without being asked about. */
const MAX_WAITING = 1000;

/** What happens at the limit of a user once the emergency cleanup has made no room. */
export class LimitPolicy {
  readonly #host: ManagerHost;
  /** Ends the wait of each attempt that is being decided. */
  readonly #waiting = new Set<() => void>();

  constructor(host: ManagerHost) {
    this.#host = host;
  }

  /** Whether anything but a refusal can come of it. */
  get makesRoom(): boolean {
    return this.#host.options.onLimit !== 'reject';
  }

  /** What is to happen; at once where no function has to be asked. */
  decide(request: AdmissionRequest): OnLimitDecision | Promise<OnLimitDecision> {
    const { onLimit, options } = this.#host;
    if (typeof onLimit !== 'function') return options.onLimit === 'function' ? 'reject' : options.onLimit;
    if (this.#waiting.size >= MAX_WAITING) return 'reject';
    return this.#ask(onLimit, request);
  }

  /** Ends one manager if the decision names one that may go, and that would not go for nothing. Answers whether its slot is free. */
  evict(user: string, decision: OnLimitDecision, makesRoom: (chosen: ManagerRecord) => boolean): boolean {
    if (decision === 'reject') return false;
    const { options, clock } = this.#host;
    const candidates = this.#candidates(user);
    const facts = chooseToEvict([...candidates.keys()], decision, options.evictIdleAfterMs);
    const chosen = facts === undefined ? undefined : candidates.get(facts);
    if (chosen === undefined || !makesRoom(chosen)) return false;
    chosen.end(REASONS[wayOf(decision)], 'close', clock.now(), CLOSE_CODES.evicted);
    return true;
  }

  /** Refuses every attempt that waits for a decision. */
  close(): void {
    for (const end of this.#waiting) end();
  }

  #ask(onLimit: OnLimit, request: AdmissionRequest): Promise<OnLimitDecision> {
    const { clock, limits, options, registry } = this.#host;
    const { user } = request;
    return new Promise((resolve) => {
      const settle = (decision: OnLimitDecision): void => {
        clock.clear(timer);
        this.#waiting.delete(giveUp);
        resolve(decision);
      };
      const giveUp = (): void => settle('reject');
      const fail = (error: unknown): void => {
        reportError(this.#host, error, 'on-limit', user);
        giveUp();
      };
      const timer = clock.setTimeout(
        () => fail(new Error(`onLimit did not answer within ${options.onLimitTimeoutMs} ms; the attempt was refused`)),
        options.onLimitTimeoutMs,
      );
      this.#waiting.add(giveUp);
      const attempt: LimitAttempt = Object.freeze({
        user,
        sessionId: request.sessionId ?? undefined,
        remoteAddress: request.remoteAddress ?? undefined,
        limit: limits.managersOf(user),
        held: registry.heldBy(user),
        candidates: Object.freeze([...this.#candidates(user).keys()]),
      });
      const answer = async (): Promise<OnLimitDecision> => onLimit(attempt);
      answer().then((decision) => {
        if (isDecision(decision)) settle(decision);
        else fail(new TypeError(`onLimit must answer 'reject', 'evict-idle', 'evict-oldest' or { evict: managerId }`));
      }, fail);
    });
  }

  #candidates(user: string): ReadonlyMap<EvictionCandidate, ManagerRecord> {
    const nowMs = this.#host.clock.now();
    const candidates = new Map<EvictionCandidate, ManagerRecord>();
    for (const manager of this.#host.registry.of(user)) {
      if (manager.state !== 'active' || manager.inFlight > 0) continue;
      const facts: EvictionCandidate = Object.freeze({
        managerId: manager.id,
        sessionId: manager.sessionId,
        remoteAddress: manager.remoteAddress,
        connectionCount: manager.connectionCount,
        ageMs: nowMs - manager.createdAtMs,
        idleForMs: nowMs - manager.usedAtMs,
      });
      candidates.set(facts, manager);
    }
    return candidates;
  }
}

/** The reasons that evicted managers are released with. */
const REASONS = { idle: 'evicted:idle', oldest: 'evicted:oldest', chosen: 'evicted:chosen' } as const;

function wayOf(decision: Exclude<OnLimitDecision, 'reject'>): keyof typeof REASONS {
  if (decision === 'evict-idle') return 'idle';
  return decision === 'evict-oldest' ? 'oldest' : 'chosen';
}

function isDecision(answer: unknown): answer is OnLimitDecision {
  if (typeof answer === 'string') return answer === 'reject' || answer === 'evict-idle' || answer === 'evict-oldest';
  return typeof answer === 'object' && answer !== null && 'evict' in answer && typeof answer.evict === 'string';
}
