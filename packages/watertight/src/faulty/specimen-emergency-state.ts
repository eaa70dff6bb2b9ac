import { publish } from './specimen-events.ts';
import type { SpecimenOptions } from './specimen-options.ts';

/** Everybody together: the key that no user id can be. */
const EVERYBODY = '';

/** Who is in an emergency: from the threshold on, until so many have gone that held is below the exit threshold. */
export class EmergencyState {
  readonly #options: SpecimenOptions;
  readonly #users: Set<string> = new Set();

  constructor(options: SpecimenOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#users.size - (this.#users.has(EVERYBODY) ? 1 : 0);
  }

  /** `user` and everybody together, as far as they have reached the threshold. */
  look(user: string, held: number, heldByAll: number): void {
    const { maxManagersPerUser, maxManagers, emergencyThreshold } = this.#options;
    if (held >= Math.ceil(maxManagersPerUser * emergencyThreshold)) this.#reached(user, held);
    if (heldByAll >= Math.ceil(maxManagers * emergencyThreshold)) this.#reached(EVERYBODY, heldByAll);
  }

  freed(user: string, held: number, heldByAll: number): void {
    const { maxManagersPerUser, maxManagers } = this.#options;
    this.#freed(user, held, maxManagersPerUser);
    this.#freed(EVERYBODY, heldByAll, maxManagers);
  }

  #reached(user: string, held: number): void {
    if (this.#users.has(user)) return;
    this.#users.add(user);
    this.#tell(user, true, held);
  }

  #freed(user: string, held: number, limit: number): void {
    // Rounded up, and not by what is lost in the product of two fractions.
    if (held >= Math.ceil(limit * this.#options.emergencyExitThreshold - 1e-9) || !this.#users.delete(user)) return;
    this.#tell(user, false, held);
  }

  #tell(user: string, inEmergency: boolean, held: number): void {
    publish('watertight:emergency:state', this.#options.name, {
      user: user === EVERYBODY ? null : user,
      inEmergency,
      held,
    });
  }
}
