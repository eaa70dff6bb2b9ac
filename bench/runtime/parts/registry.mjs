// @ts-check
// Acquire and release among many that live: `bare` on a nested Map that does the least that counts as a limit, `guarded` with
// managers. Every operation ends one that lives and admits another, so that their number stays.
import { createManagerFactory } from '@watertight/server';
import { answer, cpuMicros } from './answering.mjs';

/** @import { Manager } from '@watertight/server' */

const SESSIONS_PER_USER = 4;
const LIMIT = 20;

/**
 * @template Entry
 * @param {number} live
 * @param {(user: string) => Entry | undefined} acquire answers nothing at the limit
 * @param {(entry: Entry) => void} release
 */
function churn(live, acquire, release) {
  const users = Array.from({ length: live / SESSIONS_PER_USER }, (_, n) => `user-${n}`);
  let random = 1;
  const anyUser = () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return users[random % users.length] ?? '';
  };
  // One user in a hundred million draws is at the limit by chance: somebody else comes instead.
  const acquireOne = () => {
    for (;;) {
      const entry = acquire(anyUser());
      if (entry !== undefined) return entry;
    }
  };
  const entries = Array.from({ length: live }, acquireOne);
  let at = 0;
  answer({
    run({ count }) {
      const startMicros = cpuMicros();
      for (let left = Number(count); left > 0; left -= 1) {
        at = at + 1 === live ? 0 : at + 1;
        const old = entries[at];
        if (old !== undefined) release(old);
        entries[at] = acquireOne();
      }
      return { cpuMicros: cpuMicros() - startMicros };
    },
  });
}

/** @param {number} live */
function bare(live) {
  /** @type {Map<string, Map<number, { readonly id: number, readonly user: string }>>} */
  const registry = new Map();
  let lastId = 0;
  churn(
    live,
    (user) => {
      const held = registry.get(user);
      if (held !== undefined && held.size >= LIMIT) return undefined;
      lastId += 1;
      const entry = { id: lastId, user };
      if (held === undefined) registry.set(user, new Map([[lastId, entry]]));
      else held.set(lastId, entry);
      return entry;
    },
    ({ user, id }) => {
      const held = registry.get(user);
      if (held?.delete(id) === true && held.size === 0) registry.delete(user);
    },
  );
}

/** @param {number} live */
function guarded(live) {
  const factory = createManagerFactory({ maxManagersPerUser: LIMIT });
  factory.start();
  churn(
    live,
    (user) => {
      const admission = factory.tryAdmit({ user }, { withoutConnection: true });
      return admission.admitted ? admission.manager : undefined;
    },
    (/** @type {Manager} */ manager) => void manager.destroy(),
  );
}

const live = Number(process.argv[3]);
if (process.argv[2] === 'bare') bare(live);
else guarded(live);
