import type { EmergencyReport } from '@watertight/server';
import type { Fault } from './fault.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import { SpecimenPressure } from './specimen-pressure.ts';
import { SpecimenWatch } from './specimen-watch.ts';
import { Specimen } from './specimen.ts';
import { withParts } from './with-parts.ts';

class KeepsTheIdle extends SpecimenPressure {
  override idleTimeoutMs(wholeMs: number): number {
    return wholeMs;
  }
}

class ShedsTheOnlyOne extends SpecimenPressure {
  override idleTimeoutMs(wholeMs: number): number {
    return super.idleTimeoutMs(wholeMs, false);
  }
}

class Flaps extends SpecimenPressure {
  override endsBelow(overloadThreshold: number): number {
    return overloadThreshold;
  }
}

class EvictsWhileItCleansUp extends Specimen {
  override async findPlace(
    user: string,
    connection: SpecimenConnection | undefined,
    cleanup: Promise<EmergencyReport> | undefined,
  ): Promise<SpecimenManager | undefined> {
    return (await this.takeOfSomebody(user, connection)) ?? (await this.takeAfter(cleanup, user, connection));
  }
}

class SuspectsNobody extends SpecimenWatch {
  override suspect(): void {
    // Whoever lives on and on is there, and that is all.
  }
}

class SuspectsForEver extends SpecimenWatch {
  override recover(manager: SpecimenManager): void {
    this.standing.delete(manager);
  }
}

const SHED = 'limit/pressure-sheds-the-idle-but-not-the-only-one';
const WATCH = 'limit/who-lives-on-and-on-is-suspected';

/** Faults of who has to go when there is not enough for all, and of what is said about who does not. */
export const pressureFaults: readonly Fault[] = [
  {
    id: 'W-62',
    title: 'Pressure sheds nobody',
    wrong: 'However full the process is, whoever is idle keeps all of its time.',
    specimen: withParts({ Pressure: KeepsTheIdle }),
    caughtBy: [SHED],
  },
  {
    id: 'W-63',
    title: 'Pressure takes the only one',
    wrong: 'Under pressure a user may lose all that it has, while another one still has several that are idle.',
    specimen: withParts({ Pressure: ShedsTheOnlyOne }),
    caughtBy: [SHED],
  },
  {
    id: 'W-64',
    title: 'In and out of overload',
    wrong: 'Overload ends where it begins, so that each newcomer brings it back.',
    specimen: withParts({ Pressure: Flaps }),
    caughtBy: ['limit/a-full-heap-stops-newcomers'],
  },
  {
    id: 'W-65',
    title: 'Evicted while the silent stay',
    wrong: 'At the limit somebody who answers is evicted before the cleanup has looked for who does not.',
    specimen: EvictsWhileItCleansUp,
    caughtBy: ['limit/an-emergency-cleanup-comes-before-an-eviction'],
  },
  {
    id: 'W-66',
    title: 'Nobody lives too long',
    wrong: 'A manager that outlives warnAfterMs is not told of.',
    specimen: withParts({ Watch: SuspectsNobody }),
    caughtBy: [WATCH],
  },
  {
    id: 'W-67',
    title: 'Once suspected, for ever',
    wrong: 'That a manager has gone after all is not told, so that its alert never ends.',
    specimen: withParts({ Watch: SuspectsForEver }),
    caughtBy: [WATCH],
  },
];
