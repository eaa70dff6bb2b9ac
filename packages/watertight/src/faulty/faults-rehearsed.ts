import type { SlowConsumer, SlowConsumerAction } from '@watertight/server';
import type { Fault } from './fault.ts';
import { CLOSE_REASON_BYTES } from './specimen-close-reason.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import type { Drained } from './specimen-road-out.ts';
import { SpecimenSending } from './specimen-sending.ts';
import { Specimen } from './specimen.ts';
import { withParts } from './with-parts.ts';

class AdmitsWhileDraining extends Specimen {
  override async empty(windowMs: number, closeLast?: readonly (() => unknown)[]): Promise<Drained> {
    const emptied = super.empty(windowMs, closeLast);
    this.doors.draining = false;
    return await emptied;
  }
}

class DrainsForEver extends Specimen {
  override async isIdle(manager: SpecimenManager): Promise<boolean> {
    await manager.worked();
    return true;
  }
}

class DrainsOneOfEachUser extends Specimen {
  override async empty(windowMs: number, closeLast?: readonly (() => unknown)[]): Promise<Drained> {
    const all = this.registry.all();
    const seen = new Set<string>();
    for (const manager of all) {
      if (seen.has(manager.user)) this.registry.detach(manager);
      seen.add(manager.user);
    }
    const { closed, hardStopped } = await super.empty(windowMs, closeLast);
    return { managers: all.length, closed, hardStopped };
  }
}

class CountsWhatIsSentAfterwards extends SpecimenSending {
  override isOver(unsentBytes: number, _frameBytes: number, maxBytes: number): boolean {
    return unsentBytes > maxBytes;
  }
}

class SendsWhatItDrops extends SpecimenSending {
  override whenOver(consumer: SlowConsumer): SlowConsumerAction {
    const action = super.whenOver(consumer);
    return this.options.onSlowConsumer === 'drop' ? 'send' : action;
  }
}

class DropsTheConnection extends SpecimenSending {
  override whenOver(consumer: SlowConsumer): SlowConsumerAction {
    const action = super.whenOver(consumer);
    return action === 'drop' ? 'terminate' : action;
  }
}

class AsksNobody extends SpecimenSending {
  override whenOver(consumer: SlowConsumer): SlowConsumerAction {
    return this.options.onSlowConsumer === 'function' ? 'drop' : super.whenOver(consumer);
  }
}

class AsksWithoutTheFrame extends SpecimenSending {
  override isOver(unsentBytes: number, frameBytes: number, maxBytes: number): boolean {
    return super.isOver(unsentBytes, this.options.onSlowConsumer === 'function' ? 0 : frameBytes, maxBytes);
  }
}

class DrainsAtOnce extends Specimen {
  override turnMs(): number {
    return 0;
  }
}

class DrainsWhatIsUnsent extends Specimen {
  override async isSent(): Promise<boolean> {
    return await Promise.resolve(true);
  }
}

class ClosesTheLastFirst extends Specimen {
  override async empty(windowMs: number, closeLast: readonly (() => unknown)[] = []): Promise<Drained> {
    for (const close of closeLast) await close();
    return await super.empty(windowMs);
  }
}

class SaysAllOfIt extends Specimen {
  override toldReason(reason: string): string {
    return reason;
  }
}

class CutsBetweenBytes extends Specimen {
  override toldReason(reason: string): string {
    return Buffer.from(reason).subarray(0, CLOSE_REASON_BYTES).toString();
  }
}

class KeepsWhoDoesNotRead extends Specimen {
  override letGo(): void {
    // The frame is not sent, and the next one will not be either.
  }
}

const DRAIN = 'limit/a-drain-ends-everybody-and-admits-nobody';
const SENDING = 'limit/a-frame-over-the-bound-is-not-sent';

const REASON = 'limit/a-close-reason-fits-its-frame';

/** Faults of draining, sending and saying goodbye, which are tried beside the factory that serves. */
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
    specimen: withParts({ Sending: CountsWhatIsSentAfterwards }),
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
    id: 'W-68',
    title: 'Dropped and sent all the same',
    wrong: "With 'drop' a frame over the bound is sent behind what nobody reads.",
    specimen: withParts({ Sending: SendsWhatItDrops }),
    caughtBy: [SENDING],
  },
  {
    id: 'W-69',
    title: 'Dropped with its connection',
    wrong: 'Where a frame is to be dropped its connection is.',
    specimen: withParts({ Sending: DropsTheConnection }),
    caughtBy: [SENDING],
  },
  {
    id: 'W-70',
    title: 'A function that is never asked',
    wrong: 'Frames over the bound are dropped, whatever the function for slow readers would say.',
    specimen: withParts({ Sending: AsksNobody }),
    caughtBy: [SENDING],
  },
  {
    id: 'W-71',
    title: 'A function that is asked too late',
    wrong: 'The function for slow readers is asked when the bound is broken, not when the next frame would break it.',
    specimen: withParts({ Sending: AsksWithoutTheFrame }),
    caughtBy: [SENDING],
  },
  {
    id: 'W-72',
    title: 'A drain in one moment',
    wrong: 'Everybody is closed when the window begins, and all their clients come back at once.',
    specimen: DrainsAtOnce,
    caughtBy: [DRAIN],
  },
  {
    id: 'W-73',
    title: 'A drain cuts answers off',
    wrong: 'Whoever still has data to be sent is closed when its turn comes, although the window has time for it.',
    specimen: DrainsWhatIsUnsent,
    caughtBy: [DRAIN],
  },
  {
    id: 'W-74',
    title: 'What is to be closed last is closed first',
    wrong: 'Stores that managers write to at their end are closed before the managers are.',
    specimen: ClosesTheLastFirst,
    caughtBy: [DRAIN],
  },
  {
    id: 'W-75',
    title: 'A reason without end',
    wrong: 'The reason of a close is put into its frame as it is, which most libraries throw at.',
    specimen: SaysAllOfIt,
    caughtBy: [REASON],
  },
  {
    id: 'W-76',
    title: 'Half a character',
    wrong: 'A long reason is cut between two bytes of a character, which a client takes for a broken frame.',
    specimen: CutsBetweenBytes,
    caughtBy: [REASON],
  },
];
