import { publish } from './specimen-events.ts';
import type { SpecimenOptions } from './specimen-options.ts';

/** Who is in an emergency: from the threshold on, until so many have gone that held is below the exit threshold. */
export class EmergencyState {
  readonly #options: SpecimenOptions;
  readonly #users: Set<string> = new Set();

  constructor(options: SpecimenOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#users.size;
  }

  reached(user: string, held: number): void {
    if (this.#users.has(user)) return;
    this.#users.add(user);
    this.#tell(user, true, held);
  }

  freed(user: string, held: number): void {
    const { maxManagersPerUser, emergencyExitThreshold } = this.#options;
    // Rounded up, and not by what is lost in the product of two fractions.
    if (held >= Math.ceil(maxManagersPerUser * emergencyExitThreshold - 1e-9) || !this.#users.delete(user)) return;
    this.#tell(user, false, held);
  }

  #tell(user: string, inEmergency: boolean, held: number): void {
    publish('watertight:emergency:state', this.#options.name, { user, inEmergency, held });
  }
}
