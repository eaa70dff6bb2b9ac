import type { IncomingMessage } from 'node:http';
import type { Fault } from './fault.ts';
import { SpecimenAddresses } from './specimen-addresses.ts';
import { type AnswerKind, SpecimenAnswers } from './specimen-answers.ts';
import { SpecimenDoors } from './specimen-doors.ts';
import { SpecimenIntake } from './specimen-intake.ts';
import { SpecimenNameless } from './specimen-nameless.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import { SpecimenPressure } from './specimen-pressure.ts';
import { withParts } from './with-parts.ts';

class WithoutRefill extends SpecimenDoors {
  override refill(): number {
    return 0;
  }
}

class ForSingleAddresses extends SpecimenDoors {
  override groupOf(address: string): string {
    return address;
  }
}

class UntilTheLast extends SpecimenDoors {
  override isOverloaded(): boolean {
    return false;
  }
}

class ForWhoeverOneIsToday extends SpecimenDoors {
  override rateKeyOf(address: string, user: string): string {
    return `${super.rateKeyOf(address, user)} ${user}`;
  }
}

class AtTheCostOfAll extends SpecimenDoors {
  override tooOften(user: string, address: string | undefined): ReturnType<SpecimenDoors['tooOften']> {
    const isOpen = this.takeToken('everybody', this.options.maxConnectsPerSecond);
    return isOpen ? super.tooOften(user, address) : 'server-rate';
  }
}

class BlindForTheHeap extends SpecimenPressure {
  override heapShare(): number {
    return 0;
  }
}

class OverloadedForEver extends SpecimenPressure {
  #worst = 0;

  override delayShare(): number {
    // As a histogram that nobody resets tells it.
    this.#worst = Math.max(this.#worst, super.delayShare());
    return this.#worst;
  }
}

class ForgetsWhoIsUnknown extends SpecimenNameless {
  override onBytes(timer: NodeJS.Timeout): void {
    timer.refresh();
  }
}

class WaitsForTheNextMessage extends SpecimenNameless {
  override onMessage(timer: NodeJS.Timeout): void {
    timer.refresh();
  }
}

/** A server that says why in a close frame, which a browser can read. */
const CLOSES: Pick<SpecimenOptions, 'maxCloseRefusalsPerSecond'> = { maxCloseRefusalsPerSecond: 4 };

class ClosesEverybody extends SpecimenAnswers {
  constructor(options: SpecimenOptions) {
    super({ ...options, ...CLOSES });
  }

  override isWithin(_kind: 'close' | 'http', { close, http }: Readonly<Record<AnswerKind, number>>): boolean {
    return close + http < this.maxPerSecond.close + this.maxPerSecond.http;
  }
}

class BelievesAnybody extends SpecimenAddresses {
  override of(request: IncomingMessage): string | undefined {
    const said = request.headers['x-forwarded-for'];
    const [first] = (Array.isArray(said) ? said.join() : (said ?? '')).split(',');
    return first?.trim() || super.of(request);
  }
}

class KeepsWhatComes extends SpecimenIntake {
  override takesBytes(): boolean {
    return true;
  }
}

class CountsNoMessages extends SpecimenIntake {
  override takesMessages(): boolean {
    return true;
  }
}

class AnswersEverybody extends SpecimenAnswers {
  override isWithin(kind: 'close' | 'http'): boolean {
    return kind === 'http';
  }
}

const ATTACK = 'limit/refusals-under-attack-are-not-answered';
const TALKING = 'limit/what-is-said-before-the-answer-is-bounded';
const NAMELESS = 'limit/who-does-not-say-who-it-is-is-let-go';

/** Faults of who is let in, and of what that costs. */
export const doorFaults: readonly Fault[] = [
  {
    id: 'W-44',
    title: 'A bucket that never fills up again',
    wrong: 'Whoever connected too often once is refused for good.',
    specimen: withParts({ Doors: WithoutRefill }),
    caughtBy: ['limit/a-connect-rate-fills-up-again'],
  },
  {
    id: 'W-47',
    title: 'Every IPv6 address counts for itself',
    wrong: 'Whoever has a network of IPv6 has as many addresses as it likes, each with the whole limit.',
    specimen: withParts({ Doors: ForSingleAddresses }),
    caughtBy: ['limit/a-network-of-ipv6-is-one-address'],
  },
  {
    id: 'W-48',
    title: 'The last place is given away',
    wrong: 'Newcomers are admitted until the process is full, and nothing is left for whoever is there already.',
    specimen: withParts({ Doors: UntilTheLast }),
    caughtBy: ['limit/newcomers-stop-before-the-process-is-full'],
  },
  {
    id: 'W-49',
    title: 'A new name is a new address',
    wrong: 'The rate of an address is counted by user, so that whoever makes names up connects as often as it likes.',
    specimen: withParts({ Doors: ForWhoeverOneIsToday }),
    caughtBy: ['limit/an-address-has-one-connect-rate'],
  },
  {
    id: 'W-50',
    title: 'One who comes too often keeps all others out',
    wrong: 'Attempts that the rate of their address stops count against the rate of all together.',
    specimen: withParts({ Doors: AtTheCostOfAll }),
    caughtBy: ['limit/a-rate-of-all-is-not-spent-by-one'],
  },
  {
    id: 'W-55',
    title: 'Nobody looks at the heap',
    wrong: 'Newcomers are admitted although the heap has reached its bound.',
    specimen: withParts({ Pressure: BlindForTheHeap }),
    caughtBy: ['limit/a-full-heap-stops-newcomers'],
  },
  {
    id: 'W-56',
    title: 'Once slow, full for ever',
    wrong: 'The longest delay of the event loop ever measured counts, and nobody is admitted after it.',
    specimen: withParts({ Pressure: OverloadedForEver }),
    caughtBy: ['limit/a-slow-event-loop-stops-newcomers'],
  },
  {
    id: 'W-57',
    title: 'Bytes are as good as a name',
    wrong: 'Every byte of a connection that has not said whose it is makes the time longer in which it has to.',
    specimen: withParts({ Nameless: ForgetsWhoIsUnknown }),
    caughtBy: [NAMELESS],
  },
  {
    id: 'W-58',
    title: 'Any message is as good as a name',
    wrong: 'Every message that says something else makes the time longer in which a connection has to say whose it is.',
    specimen: withParts({ Nameless: WaitsForTheNextMessage }),
    caughtBy: [NAMELESS],
  },
  {
    id: 'W-59',
    title: 'An attack is answered in full',
    wrong: 'However many are refused a second, each is answered with status, headers and reason.',
    specimen: withParts({ Answers: AnswersEverybody }),
    caughtBy: [ATTACK],
  },
  {
    id: 'W-78',
    title: 'An attack is answered by the dearest',
    wrong: 'However many are refused a second, each gets a WebSocket first, to be told why in a close frame.',
    specimen: withParts({ Answers: ClosesEverybody }),
    caughtBy: [ATTACK],
  },
  {
    id: 'W-79',
    title: 'Anybody says where it comes from',
    wrong:
      'The leftmost address of X-Forwarded-For is believed, whoever sent it, so that a client has as many as it makes up.',
    specimen: withParts({ Addresses: BelievesAnybody }),
    caughtBy: ['limit/an-address-that-is-made-up-is-not-believed'],
  },
  {
    id: 'W-80',
    title: 'Whoever is not known yet fills the memory',
    wrong: 'However many bytes come before it is known whose they are, all of them are kept for whoever that is.',
    specimen: withParts({ Intake: KeepsWhatComes }),
    caughtBy: [TALKING],
  },
  {
    id: 'W-81',
    title: 'Whoever is not known yet orders at will',
    wrong: 'Any number of messages that come before it is known whose they are is served at once when it is.',
    specimen: withParts({ Intake: CountsNoMessages }),
    caughtBy: [TALKING],
  },
];
