// @ts-check
import { systemPart } from '../../scripts/system-parts.mjs';
import { say, until } from './story.js';

/** @import { Scrapes } from './scrapes.js' */

/** What fires in this night, by the rules of `deploy/`. */
const ALERTS = ['WatertightUserLockedOut', 'WatertightUserNearLimit', 'WatertightManagersExceedConnections'];

/** What promtool says of all that was scraped up to now. */
export class Judged {
  #scrapes;
  #promtool = systemPart('promtool');
  /** @type {{ turn: number, alert: string, isFiring: boolean }[]} */
  #expected = [];

  /** @param {Scrapes} scrapes */
  constructor(scrapes) {
    this.#scrapes = scrapes;
  }

  /** @param {number} turn @param {boolean} isFiring */
  expectAt(turn, isFiring) {
    this.#expected.push(...ALERTS.map((alert) => ({ turn, alert, isFiring })));
  }

  /** Waits until all of them fire, or none does; what was seen before has to be so still. @param {boolean} isFiring */
  async until(isFiring) {
    if (this.#promtool === undefined) {
      say('', 'NOT RUN: promtool, on what was scraped (apt-get install prometheus)');
      return;
    }
    const promtool = this.#promtool;
    const before = this.#expected;
    const seen = await until(`${isFiring ? 'all' : 'none'} of ${ALERTS.join(', ')} fire by promtool`, async () => {
      this.#expected = [...before];
      this.expectAt(this.#scrapes.count - 1, isFiring);
      return (await this.#scrapes.judge(promtool, this.#expected)) === '' && this.#scrapes.count;
    });
    say(
      '',
      `promtool, rules of deploy/, ${seen} scrapes of which each second is told as a minute: ${isFiring ? 'firing' : 'over'}`,
      ALERTS.join(', '),
    );
  }
}
