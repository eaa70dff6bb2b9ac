// @ts-check
/** @import { Manager, ManagerFactory } from '@watertight/server' */
/** @import { News } from './server.js' */

/**
 * What is kept for somebody whose connection was lost: what there is to read when they are back.
 *
 * @param {Manager} manager @param {readonly News[]} latest
 */
function placeOf(manager, latest) {
  return { manager, missed: latest.map(({ at, headline }) => ({ at, headline, reader: manager.user })) };
}

/** In a real server half a minute. Here half a second, so that the night is short. */
const RESUME_WITHIN_MS = 500;

/** The places of those who were lost. Each counts as one of the user's managers, so that what is kept for a user has a limit. */
export class Places {
  /** By ticket. @type {Map<string, ReturnType<typeof placeOf>>} */
  #places = new Map();
  #factory;

  /** @param {ManagerFactory} factory */
  constructor(factory) {
    this.#factory = factory;
  }

  /** @param {string} ticket @param {string} user @param {readonly News[]} latest */
  keep(ticket, user, latest) {
    const admission = this.#factory.tryAdmit({ user }, { withoutConnection: true });
    if (!admission.admitted) return;
    this.#places.set(ticket, placeOf(admission.manager, latest));
    admission.manager.after(RESUME_WITHIN_MS, () => this.take(ticket));
  }

  /** Whoever comes back takes it. @param {string} ticket */
  take(ticket) {
    const place = this.#places.get(ticket);
    this.#places.delete(ticket);
    void place?.manager.close('taken');
    return place?.missed ?? [];
  }
}
