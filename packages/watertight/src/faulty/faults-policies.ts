import type { Fault } from './fault.ts';
import { doorFaults } from './faults-doors.ts';
import { evictionFaults } from './faults-eviction.ts';
import { pressureFaults } from './faults-pressure.ts';
import { rehearsedFaults } from './faults-rehearsed.ts';
import { SpecimenLimits } from './specimen-limits.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import { Specimen } from './specimen.ts';

/** The usual mistake about a number that may be nothing. */
class LimitsWithoutZero extends SpecimenLimits {
  readonly #usual: number;

  constructor(usual: number) {
    super(usual);
    this.#usual = usual;
  }

  override of(user: string): number {
    return this.overrides.get(user) || this.#usual;
  }
}

/** And about one that may be endless. */
class LimitsWithoutInfinity extends LimitsWithoutZero {
  override of(user: string): number {
    const own = this.overrides.get(user);
    return Number.isFinite(own) ? (own ?? 0) : super.of('nobody in particular');
  }
}

class BansNobody extends Specimen {
  override readonly limits: SpecimenLimits;

  constructor(options: SpecimenOptions) {
    super(options);
    this.limits = new LimitsWithoutZero(options.maxManagersPerUser);
  }
}

class EndsTheEndless extends Specimen {
  override readonly limits: SpecimenLimits;

  constructor(options: SpecimenOptions) {
    super(options);
    this.limits = new LimitsWithoutInfinity(options.maxManagersPerUser);
  }
}

class ReadsTheLimitOnce extends Specimen {
  readonly #known: Map<string, number> = new Map();

  override setOverride(user: string, override: { readonly maxManagers: number }): void {
    const known = this.#known.get(user) ?? override.maxManagers;
    this.#known.set(user, known);
    super.setOverride(user, { maxManagers: known });
  }
}

class PaysTwiceForASession extends Specimen {
  override takeOver(): void {
    // A session that comes back is one more.
  }
}

class ForgetsWhyItEnded extends Specimen {
  override takeOver(user: string, sessionId: string): void {
    const predecessor = this.managersOf(user).find((manager) => manager.sessionId === sessionId);
    if (predecessor !== undefined) void this.release(predecessor, 'closed');
  }
}

export const policyFaults: readonly Fault[] = [
  ...rehearsedFaults,
  ...doorFaults,
  ...evictionFaults,
  ...pressureFaults,
  {
    id: 'W-31',
    title: 'A ban bans nobody',
    wrong: 'An override of 0 is taken for none, and the user for one with the usual limit.',
    specimen: BansNobody,
    caughtBy: ['limit/an-override-holds-at-once'],
  },
  {
    id: 'W-32',
    title: 'An override is read once',
    wrong: 'The first override of a user stays in force, whatever it is changed to.',
    specimen: ReadsTheLimitOnce,
    caughtBy: ['limit/an-override-holds-at-once'],
  },
  {
    id: 'W-33',
    title: 'A session that comes back pays twice',
    wrong: 'The manager of the connection that a session had before is not ended, and keeps its slot.',
    specimen: PaysTwiceForASession,
    caughtBy: ['limit/a-session-takes-its-own-place-over'],
  },
  {
    id: 'W-34',
    title: 'Taken over without a word',
    wrong: 'The predecessor of a session is ended with the reason of any other end, so that its client comes back.',
    specimen: ForgetsWhyItEnded,
    caughtBy: ['limit/a-session-takes-its-own-place-over'],
  },
  {
    id: 'W-77',
    title: 'Infinity is nothing',
    wrong: 'An override of Infinity is taken for none, and the user for one with the usual limit.',
    specimen: EndsTheEndless,
    caughtBy: ['limit/an-override-holds-at-once'],
  },
];
