import type { Fault } from './fault.ts';
import { SpecimenAddresses } from './specimen-addresses.ts';
import { SpecimenAnswers } from './specimen-answers.ts';
import { SpecimenDoors } from './specimen-doors.ts';
import { SpecimenEviction } from './specimen-eviction.ts';
import { SpecimenIntake } from './specimen-intake.ts';
import { SpecimenNameless } from './specimen-nameless.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import { SpecimenPressure } from './specimen-pressure.ts';
import { SpecimenSending } from './specimen-sending.ts';
import { SpecimenWatch } from './specimen-watch.ts';
import { Specimen } from './specimen.ts';

/** The parts of a specimen that faults are made in; those left out are healthy. */
interface Parts {
  readonly Doors?: typeof SpecimenDoors;
  readonly Pressure?: typeof SpecimenPressure;
  readonly Nameless?: typeof SpecimenNameless;
  readonly Answers?: typeof SpecimenAnswers;
  readonly Eviction?: typeof SpecimenEviction;
  readonly Sending?: typeof SpecimenSending;
  readonly Watch?: typeof SpecimenWatch;
  readonly Intake?: typeof SpecimenIntake;
  readonly Addresses?: typeof SpecimenAddresses;
}

/** A specimen some of whose parts are others. */
export function withParts({
  Doors = SpecimenDoors,
  Pressure = SpecimenPressure,
  Nameless = SpecimenNameless,
  Answers = SpecimenAnswers,
  Eviction = SpecimenEviction,
  Sending = SpecimenSending,
  Watch = SpecimenWatch,
  Intake = SpecimenIntake,
  Addresses = SpecimenAddresses,
}: Parts): Fault['specimen'] {
  return class extends Specimen {
    override readonly pressure: SpecimenPressure;
    override readonly doors: SpecimenDoors;
    override readonly nameless: SpecimenNameless;
    override readonly answers: SpecimenAnswers;
    override readonly eviction: SpecimenEviction;
    override readonly sending: SpecimenSending;
    override readonly watch: SpecimenWatch;
    override readonly intake: SpecimenIntake;
    override readonly addresses: SpecimenAddresses = new Addresses();

    constructor(options: SpecimenOptions) {
      super(options);
      this.pressure = new Pressure(options);
      this.doors = new Doors(options, this.registry, this.pressure);
      this.nameless = new Nameless(options);
      this.answers = new Answers(options);
      this.eviction = new Eviction(options);
      this.intake = new Intake(options);
      this.sending = new Sending(options);
      this.watch = new Watch(options);
    }
  };
}
