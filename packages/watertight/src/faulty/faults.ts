import type { Fault } from './fault.ts';
import { admissionFaults } from './faults-admission.ts';
import { emergencyFaults } from './faults-emergency.ts';
import { leftBehindFaults } from './faults-left-behind.ts';
import { policyFaults } from './faults-policies.ts';
import { releaseFaults } from './faults-release.ts';
import { situationFaults } from './faults-situations.ts';
import { watchingFaults } from './faults-watching.ts';
import type { SpecimenOptions } from './specimen-options.ts';
import { Specimen } from './specimen.ts';

/** The id of the specimen without a fault. */
export const HEALTHY = 'healthy';

/** Every faulty specimen, by id. */
export const faults: readonly Fault[] = [
  ...admissionFaults,
  ...releaseFaults,
  ...emergencyFaults,
  ...leftBehindFaults,
  ...policyFaults,
  ...watchingFaults,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** Those that only situations of production bring to light, by id. The six scenarios are not asked about them. */
export const productionFaults: readonly Fault[] = situationFaults;

const everyFault: readonly Fault[] = [...faults, ...productionFaults];

/** `undefined` for the healthy specimen, and for whatever has no such id. */
export function faultOf(id: string): Fault | undefined {
  return everyFault.find((fault) => fault.id === id);
}

/** Makes the healthy specimen or a faulty one. Throws a RangeError that lists the ids for one it does not know. */
export function makeSpecimen(id: string, options: SpecimenOptions): Specimen {
  if (id === HEALTHY) return new Specimen(options);
  const fault = faultOf(id);
  if (fault === undefined) {
    throw new RangeError(
      `--fault must be one of ${[HEALTHY, ...everyFault.map((each) => each.id)].join(', ')}, was ${id}`,
    );
  }
  return new fault.specimen(options);
}
