import type { Fault } from './fault.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import type { Drained } from './specimen-road-out.ts';
import { Specimen } from './specimen.ts';

class AdmitsWhileDraining extends Specimen {
  override async empty(windowMs: number): Promise<Drained> {
    const emptied = super.empty(windowMs);
    this.doors.draining = false;
    return await emptied;
  }
}

class DrainsForEver extends Specimen {
  override async putOff(manager: SpecimenManager): Promise<boolean> {
    await manager.worked();
    return true;
  }
}

class DrainsOneOfEachUser extends Specimen {
  override async empty(windowMs: number): Promise<Drained> {
    const all = this.registry.all();
    const seen = new Set<string>();
    for (const manager of all) {
      if (seen.has(manager.user)) this.registry.detach(manager);
      seen.add(manager.user);
    }
    const { closed, hardStopped } = await super.empty(windowMs);
    return { managers: all.length, closed, hardStopped };
  }
}

class CountsWhatIsSentAfterwards extends Specimen {
  override isOver(unsentBytes: number, _frameBytes: number, maxBytes: number): boolean {
    return unsentBytes > maxBytes;
  }
}

class KeepsWhoDoesNotRead extends Specimen {
  override letGo(): void {
    // The frame is not sent, and the next one will not be either.
  }
}

const DRAIN = 'limit/a-drain-ends-everybody-and-admits-nobody';
const SENDING = 'limit/a-frame-over-the-bound-is-not-sent';

/** Faults of draining and sending, which are tried beside the factory that serves. */
export const rehearsedFaults: readonly Fault[] = [
  {
    id: 'W-39',
    title: 'A drain lets people in',
    wrong: 'While everybody is closed for a restart whoever comes is admitted, and is there when the process ends.',
    specimen: AdmitsWhileDraining,
    caughtBy: [DRAIN],
  },
  {
    id: 'W-40',
    title: 'A drain that waits for ever',
    wrong: 'Work that never ends puts a drain off past its window.',
    specimen: DrainsForEver,
    caughtBy: [DRAIN],
  },
  {
    id: 'W-41',
    title: 'A drain loses somebody',
    wrong: 'Of a user with several managers one is drained; the others give their slot back and nothing else.',
    specimen: DrainsOneOfEachUser,
    caughtBy: [DRAIN],
  },
  {
    id: 'W-42',
    title: 'The bound is looked at too late',
    wrong: 'Unsent bytes are compared with their bound without the frame that is about to be added to them.',
    specimen: CountsWhatIsSentAfterwards,
    caughtBy: [SENDING],
  },
  {
    id: 'W-43',
    title: 'Who does not read is kept',
    wrong:
      'Frames over the bound are not sent, and the connection that does not read them stays with all that it holds.',
    specimen: KeepsWhoDoesNotRead,
    caughtBy: [SENDING],
  },
];
