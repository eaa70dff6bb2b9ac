import { randomUUID } from 'node:crypto';
import type { Fault } from './fault.ts';
import type { Admission, Refusal } from './specimen-admission.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import { SpecimenManager } from './specimen-manager.ts';
import { Specimen } from './specimen.ts';

type Context = Parameters<Specimen['admit']>[0];
type Using = NonNullable<Parameters<Specimen['admit']>[1]>;

class ServesTheRefused extends Specimen {
  override async admit(context: Context, using: Using = {}): Promise<Admission> {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const admission = await super.admit(context, using);
      if (admission.admitted) return admission;
    }
    const stub = new SpecimenManager(randomUUID(), context.user);
    stub.state = 'active';
    return { admitted: true, manager: stub };
  }
}

class CountsBeforeItWaits extends Specimen {
  override async admit({ user }: Context, { connection }: Using = {}): Promise<Admission> {
    const counted = this.held(user);
    await this.init();
    if (counted >= this.options.maxManagersPerUser || connection?.endedAtMs !== undefined)
      return this.refuse(user, connection);
    const manager = this.create(user);
    if (connection !== undefined) this.attach(manager, connection);
    return this.commit(manager);
  }
}

class OverwritesAfterItWaits extends Specimen {
  readonly #counts: Map<string, number> = new Map();

  override held(user: string): number {
    return this.#counts.get(user) ?? 0;
  }

  override async admit({ user }: Context, { connection }: Using = {}): Promise<Admission> {
    if (this.held(user) >= this.options.maxManagersPerUser) return this.refuse(user, connection);
    const managers = this.registry.users.get(user) ?? new Map<string, SpecimenManager>();
    let slot = 0;
    while (managers.has(`${user}:${slot}`)) slot += 1;
    this.#counts.set(user, this.held(user) + 1);
    await this.init();
    const manager = new SpecimenManager(`${user}:${slot}`, user);
    this.registry.users.set(user, (this.registry.users.get(user) ?? managers).set(manager.id, manager));
    this.ledger.created += 1;
    if (connection !== undefined) this.attach(manager, connection);
    return this.commit(manager);
  }

  override connectionEnded(connection: SpecimenConnection): void {
    const manager = this.managerOf(connection);
    if (manager === undefined || this.registry.users.get(manager.user)?.get(manager.id) !== manager) return;
    super.connectionEnded(connection);
  }

  override detach(manager: SpecimenManager, endedAtMs: number): void {
    super.detach(manager, endedAtMs);
    this.#counts.set(manager.user, this.held(manager.user) - 1);
  }
}

class CountsHitsTwice extends Specimen {
  override refuse(user: string, connection?: SpecimenConnection): Refusal {
    this.ledger.limitHits += 1;
    return super.refuse(user, connection);
  }
}

class AllowsOneMore extends Specimen {
  override take(user: string, connection: SpecimenConnection | undefined): SpecimenManager | undefined {
    if (this.held(user) !== this.options.maxManagersPerUser) return super.take(user, connection);
    const manager = this.create(user);
    if (connection !== undefined) this.attach(manager, connection);
    return manager;
  }
}

class MissesWhoLeavesEarly extends Specimen {
  override connectionEnded(connection: SpecimenConnection): void {
    if (this.managerOf(connection)?.state !== 'pending') super.connectionEnded(connection);
  }
}

class LosesEarlyBytes extends Specimen {
  override early(): Buffer {
    return Buffer.alloc(0);
  }
}

class AnswersBeforeInit extends Specimen {
  override async initialise(...[manager, init]: Parameters<Specimen['initialise']>): Promise<void> {
    void super.initialise(manager, init);
  }
}

class FillsUpForGood extends Specimen {
  #heldOnce = 0;

  override get heldByAll(): number {
    return this.#heldOnce;
  }

  override create(user: string): SpecimenManager {
    this.#heldOnce += 1;
    return super.create(user);
  }
}

export const admissionFaults: readonly Fault[] = [
  {
    id: 'D-12',
    title: 'The limit does not limit',
    wrong: 'A refused attempt is tried again and then served by a manager that nobody tracks.',
    specimen: ServesTheRefused,
    caughtBy: ['limit/the-21st-is-refused'],
  },
  {
    id: 'D-22',
    title: 'Count read before an await',
    wrong: 'The limit is checked before and taken after waiting, so that several racers see the same free slot.',
    specimen: CountsBeforeItWaits,
    caughtBy: ['limit/a-race-for-the-last-slot-admits-one', 'limit/all-within-the-limit-are-admitted'],
  },
  {
    id: 'D-23',
    title: 'Overwritten entry, counter kept beside it',
    wrong:
      'Two admissions that wait at the same time take one id; the one overwritten is never found again, its count never given back.',
    specimen: OverwritesAfterItWaits,
    caughtBy: ['limit/three-of-five-come-back', 'limit/eighteen-are-held', 'limit/exactly-two-more-fit'],
  },
  {
    id: 'W-01',
    title: 'One limit hit counted twice',
    wrong: 'Each refusal adds two limit hits to the statistics.',
    specimen: CountsHitsTwice,
    caughtBy: ['limit/one-refusal-is-one-limit-hit', 'comprehensive/the-reasons-add-up'],
  },
  {
    id: 'W-02',
    title: 'One more than the limit',
    wrong: 'A user at the limit is given one slot more.',
    specimen: AllowsOneMore,
    caughtBy: ['limit/the-21st-is-refused'],
  },
  {
    id: 'W-03',
    title: 'A client that leaves early is missed',
    wrong:
      'An end that comes while the user is still looked up is ignored, and the manager is made active without a socket.',
    specimen: MissesWhoLeavesEarly,
    caughtBy: ['timing/after-an-abort-in-upgrade-nothing-is-held', 'timing/the-slot-is-reusable-at-once'],
  },
  {
    id: 'W-21',
    title: 'Early bytes are lost',
    wrong: 'What a client sends while its user is looked up is read and forgotten.',
    specimen: LosesEarlyBytes,
    caughtBy: ['limit/bytes-before-the-answer-are-kept'],
  },
  {
    id: 'W-22',
    title: 'Init is not waited for',
    wrong: 'An admission is answered before the init that belongs to it is done, and also when it fails.',
    specimen: AnswersBeforeInit,
    caughtBy: ['limit/init-is-waited-for'],
  },
  {
    id: 'W-28',
    title: 'The process fills up for good',
    wrong: 'What the whole process holds is counted up at each admission, and at no end counted down.',
    specimen: FillsUpForGood,
    caughtBy: ['limit/the-process-holds-no-more-than-its-limit', 'cycles/every-cycle-is-admitted-and-served'],
  },
];
