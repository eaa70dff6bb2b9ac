import type { Fault } from './fault.ts';
import { SpecimenDoors } from './specimen-doors.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import type { SpecimenOptions } from './specimen-options.ts';
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

class DoorsWithoutRefill extends SpecimenDoors {
  override refill(): number {
    return 0;
  }
}

class DoorsForSingleAddresses extends SpecimenDoors {
  override groupOf(address: string): string {
    return address;
  }
}

class DoorsUntilTheLast extends SpecimenDoors {
  override isOverloaded(): boolean {
    return false;
  }
}

class NeverFillsUpAgain extends Specimen {
  override readonly doors: SpecimenDoors;

  constructor(options: SpecimenOptions) {
    super(options);
    this.doors = new DoorsWithoutRefill(options, this.registry);
  }
}

class CountsSingleAddresses extends Specimen {
  override readonly doors: SpecimenDoors;

  constructor(options: SpecimenOptions) {
    super(options);
    this.doors = new DoorsForSingleAddresses(options, this.registry);
  }
}

class FillsTheLastPlace extends Specimen {
  override readonly doors: SpecimenDoors;

  constructor(options: SpecimenOptions) {
    super(options);
    this.doors = new DoorsUntilTheLast(options, this.registry);
  }
}

class EvictsTheNewest extends Specimen {
  override evict(user: string): void {
    const newest = this.managersOf(user).at(-1);
    if (newest !== undefined) void this.release(newest, 'evicted:oldest');
  }
}

class EvictsWithoutAWord extends Specimen {
  override evict(user: string): void {
    const [oldest] = this.managersOf(user);
    if (oldest !== undefined) void this.release(oldest, 'closed');
  }
}

const DRAIN = 'limit/a-drain-ends-everybody-and-admits-nobody';
const SENDING = 'limit/a-frame-over-the-bound-is-not-sent';
const EVICTION = 'limit/an-eviction-ends-the-oldest-and-says-so';

/** Faults of what is tried beside the factory that serves. */
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
  {
    id: 'W-44',
    title: 'A bucket that never fills up again',
    wrong: 'Whoever connected too often once is refused for good.',
    specimen: NeverFillsUpAgain,
    caughtBy: ['limit/a-connect-rate-fills-up-again'],
  },
  {
    id: 'W-45',
    title: 'The newest is evicted',
    wrong: 'Whoever came last makes room, and the oldest, of which a client may long be gone, stays.',
    specimen: EvictsTheNewest,
    caughtBy: [EVICTION],
  },
  {
    id: 'W-46',
    title: 'Evicted without a word',
    wrong: 'An eviction gives the reason of any other close, so that its client comes back at once.',
    specimen: EvictsWithoutAWord,
    caughtBy: [EVICTION],
  },
  {
    id: 'W-47',
    title: 'Every IPv6 address counts for itself',
    wrong: 'Whoever has a network of IPv6 has as many addresses as it likes, each with the whole limit.',
    specimen: CountsSingleAddresses,
    caughtBy: ['limit/a-network-of-ipv6-is-one-address'],
  },
  {
    id: 'W-48',
    title: 'The last place is given away',
    wrong: 'Newcomers are admitted until the process is full, and nothing is left for whoever is there already.',
    specimen: FillsTheLastPlace,
    caughtBy: ['limit/newcomers-stop-before-the-process-is-full'],
  },
];
