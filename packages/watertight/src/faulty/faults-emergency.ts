import type { FactoryStats, ReleaseReport } from '@watertight/server';
import type { WebSocket } from 'ws';
import type { Fault } from './fault.ts';
import type { Admission } from './specimen-admission.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import type { EmergencyPlan } from './specimen-emergency.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import { nowMs } from './specimen-options.ts';
import { Specimen } from './specimen.ts';

/** Below this age the origin called nobody inactive. */
const YOUNG_MS = 10_000;
/** The share of the limit, 12 of 20, from which on it made room. */
const CROWDED_SHARE = 0.6;

class ReadingKeepsAlive extends Specimen {
  override stats(): FactoryStats {
    for (const manager of this.registry.all()) for (const connection of manager.live) connection.touch();
    return super.stats();
  }
}

class EvictsTheQuiet extends Specimen {
  readonly #lastMessageAtMs: WeakMap<SpecimenConnection, number> = new WeakMap();

  override received(connection: SpecimenConnection, data: Buffer, isBinary: boolean): void {
    this.#lastMessageAtMs.set(connection, nowMs());
    super.received(connection, data, isBinary);
  }

  override async admit(...[context, using]: Parameters<Specimen['admit']>): Promise<Admission> {
    if (this.held(context.user) >= this.options.maxManagersPerUser * CROWDED_SHARE) {
      for (const manager of this.managersOf(context.user)) if (this.#isQuiet(manager)) this.#forget(manager);
    }
    return await super.admit(context, using);
  }

  #isQuiet(manager: SpecimenManager): boolean {
    const lastAtMs = manager.live.map((connection) => this.#lastMessageAtMs.get(connection) ?? manager.createdAtMs);
    return nowMs() - Math.max(...lastAtMs) > this.options.heartbeatIntervalMs;
  }

  #forget(manager: SpecimenManager): void {
    manager.connections.clear();
    void this.release(manager, 'idle');
  }
}

class SparesTheYoung extends Specimen {
  override planEmergency(user: string, atMs: number): EmergencyPlan {
    const plan = super.planEmergency(user, atMs);
    const isOld = (manager: SpecimenManager): boolean => atMs - manager.createdAtMs > YOUNG_MS;
    return { remove: plan.remove.filter((each) => isOld(each.manager)), ask: plan.ask.filter(isOld) };
  }
}

class RemovesTheUnattached extends Specimen {
  override planEmergency(user: string, atMs: number): EmergencyPlan {
    const waiting = this.managersOf(user).filter((manager) => manager.live.every(({ ws }) => ws === undefined));
    const { ask } = super.planEmergency(user, atMs);
    return { remove: waiting.map((manager) => ({ manager, cause: 'neverAttached' })), ask };
  }
}

class NeverSweeps extends Specimen {
  override start(): void {
    try {
      throw new Error('no loop to start the sweep in');
    } catch {
      // Nobody looks again whether it runs.
    }
  }
}

class ForceSparesTheYoung extends Specimen {
  override async closeAllForUser(user: string, reason?: string): Promise<readonly ReleaseReport[]> {
    const old = this.managersOf(user).filter((manager) => nowMs() - manager.createdAtMs > YOUNG_MS);
    return await Promise.all(old.map((manager) => this.release(manager, reason ?? 'closed-by-server')));
  }
}

class FindsAndRemovesNobody extends Specimen {
  override planEmergency(): EmergencyPlan {
    return { remove: [], ask: [] };
  }
}

class RemovesSomebodyElse extends Specimen {
  override planEmergency(user: string, atMs: number): EmergencyPlan {
    const plan = super.planEmergency(user, atMs);
    const others = this.registry.all().filter((manager) => manager.user !== user);
    const victim = others.toSorted((a, b) => a.createdAtMs - b.createdAtMs)[0];
    return victim === undefined ? plan : { ...plan, remove: [...plan.remove, { manager: victim, cause: 'silent' }] };
  }
}

class OnlyMessagesAreLife extends Specimen {
  override opened(manager: SpecimenManager, connection: SpecimenConnection, ws: WebSocket): void {
    super.opened(manager, connection, ws);
    connection.bytesAreLife = false;
    ws.on('message', () => connection.touch());
  }
}

class EmergencyOneTooLate extends Specimen {
  override emergencyDue(user: string): boolean {
    return this.held(user) > Math.ceil(this.options.maxManagersPerUser * this.options.emergencyThreshold);
  }
}

class TakesIdleForSilent extends Specimen {
  override overdueReason(manager: SpecimenManager, atMs: number): string | undefined {
    const isIdle = manager.live.some((connection) => connection.quietMs(atMs) > this.options.heartbeatIntervalMs / 2);
    return isIdle ? 'silent' : super.overdueReason(manager, atMs);
  }
}

class RemovesTheSuspects extends Specimen {
  override planEmergency(user: string, atMs: number): EmergencyPlan {
    const { remove, ask } = super.planEmergency(user, atMs);
    return { remove: [...remove, ...ask.map((manager) => ({ manager, cause: 'silent' as const }))], ask: [] };
  }
}

class TakesTheStalledForBusy extends Specimen {
  override overdueReason(manager: SpecimenManager, atMs: number): string | undefined {
    if (manager.live.some((connection) => connection.raw.writableLength > 0)) return undefined;
    return super.overdueReason(manager, atMs);
  }
}

class InterruptsWork extends Specimen {
  override planEmergency(user: string, atMs: number): EmergencyPlan {
    const { remove, ask } = super.planEmergency(user, atMs);
    const busy = this.managersOf(user).filter((manager) => manager.inFlight > 0);
    return { remove, ask: [...ask, ...busy] };
  }
}

export const emergencyFaults: readonly Fault[] = [
  {
    id: 'W-27',
    title: 'Work in flight is interrupted',
    wrong: 'An emergency cleanup asks those too who have work in flight, and removes them if they do not answer.',
    specimen: InterruptsWork,
    caughtBy: ['emergency/force-frees-exactly-as-many-as-needed'],
  },
  {
    id: 'D-28',
    title: 'Reading statistics keeps alive',
    wrong: 'Every look at the statistics counts as a sign of life of everybody.',
    specimen: ReadingKeepsAlive,
    caughtBy: [
      'emergency/the-silent-go',
      'emergency/reading-statistics-keeps-nobody-alive',
      'emergency/the-manual-run-does-the-same',
    ],
  },
  {
    id: 'D-34',
    title: 'Quiet tabs are evicted',
    wrong:
      'From 60 % of the limit upwards (12 of 20) whoever sent no message for a while loses its slot, and its socket is left open.',
    specimen: EvictsTheQuiet,
    caughtBy: [
      'emergency/the-silent-go',
      'emergency/the-living-stay-and-answer',
      'emergency/without-silent-ones-nobody-goes',
      'emergency/the-limit-stays-the-limit',
    ],
  },
  {
    id: 'D-35',
    title: 'A young burst locks its user out',
    wrong: 'The emergency cleanup looks only at managers older than 10 s.',
    specimen: SparesTheYoung,
    caughtBy: [
      'emergency/the-silent-go',
      'emergency/reading-statistics-keeps-nobody-alive',
      'emergency/the-manual-run-does-the-same',
      'emergency/a-young-burst-is-removed-too',
      'emergency/the-reason-is-emergency-silent',
    ],
  },
  {
    id: 'D-36',
    title: 'Removed during the handshake',
    wrong: 'The emergency cleanup removes managers whose socket is not there yet, however young they are.',
    specimen: RemovesTheUnattached,
    caughtBy: [
      'limit/all-within-the-limit-are-admitted',
      'emergency/sixteen-are-admitted',
      'emergency/the-limit-stays-the-limit',
      'emergency/a-pending-one-stays',
    ],
  },
  {
    id: 'D-37',
    title: 'Sweep never started',
    wrong: 'Starting the sweep fails, the error is swallowed, and nobody who fell silent is ever noticed.',
    specimen: NeverSweeps,
    caughtBy: ['timing/a-vanished-peer-is-noticed'],
  },
  {
    id: 'D-39',
    title: 'Force that spares the young',
    wrong: 'Closing everybody of a user leaves out who is younger than 10 s.',
    specimen: ForceSparesTheYoung,
    caughtBy: ['emergency/closing-all-closes-all'],
  },
  {
    id: 'D-40',
    title: 'Found and not removed',
    wrong: 'The emergency cleanup runs and removes nobody.',
    specimen: FindsAndRemovesNobody,
    caughtBy: [
      'emergency/the-silent-go',
      'emergency/reading-statistics-keeps-nobody-alive',
      'emergency/the-manual-run-does-the-same',
      'emergency/a-young-burst-is-removed-too',
      'emergency/the-reason-is-emergency-silent',
      'emergency/who-answers-late-stays',
    ],
  },
  {
    id: 'W-07',
    title: "Another user's connection makes room",
    wrong: 'The emergency cleanup of one user also removes the oldest connection of somebody else.',
    specimen: RemovesSomebodyElse,
    caughtBy: [
      'emergency/the-manual-run-does-the-same',
      'emergency/nobody-else-is-touched',
      'comprehensive/the-bystander-is-untouched',
    ],
  },
  {
    id: 'W-08',
    title: 'Only messages are life',
    wrong: 'Whoever answers every ping and sends no message is taken for silent.',
    specimen: OnlyMessagesAreLife,
    caughtBy: ['emergency/the-living-stay-and-answer'],
  },
  {
    id: 'W-09',
    title: 'Emergency one admission too late',
    wrong: 'The 17th admission of 20 does not trigger the emergency cleanup; the 18th does.',
    specimen: EmergencyOneTooLate,
    caughtBy: [
      'emergency/the-silent-go',
      'emergency/reading-statistics-keeps-nobody-alive',
      'emergency/the-reason-is-emergency-silent',
    ],
  },
  {
    id: 'W-10',
    title: 'Idle is taken for silent',
    wrong: 'Whoever sends nothing for half an interval is removed without being asked.',
    specimen: TakesIdleForSilent,
    caughtBy: [
      'comprehensive/the-bystander-is-untouched',
      'comprehensive/a-slow-reader-is-kept',
      'comprehensive/closing-tabs-leaves-the-others',
      'emergency/the-living-stay-and-answer',
    ],
  },
  {
    id: 'W-17',
    title: 'Suspects are removed without an answer',
    wrong:
      'The emergency cleanup takes whoever was quiet for longer than an interval, and does not wait for an answer.',
    specimen: RemovesTheSuspects,
    caughtBy: ['emergency/who-answers-late-stays'],
  },
  {
    id: 'W-16',
    title: 'A stalled peer is taken for busy',
    wrong: 'Nobody who has unread bytes waiting is ever found silent.',
    specimen: TakesTheStalledForBusy,
    caughtBy: ['timing/a-stalled-peer-is-noticed'],
  },
];
