// @ts-check
// Acquire and release among many that live: `bare` on a nested Map that does the least that counts as a limit, `guarded` with
// managers, with the default options or with the policy that is named. Every operation ends one that lives and admits another, so that
// their number stays; where there are sessions, both do so now and then for the same user, which is a take-over.
import { createManagerFactory } from '@watertight/server';
import { answer, cpuMicros } from './answering.mjs';
import { ADDRESSES } from './bytes.mjs';
import { POLICIES, setOverrides } from './policies.mjs';

/** @import { AdmissionRequest, Manager } from '@watertight/server' */

const SESSIONS_PER_USER = 4;
const LIMIT = 20;
/** Where there are sessions: one operation in so many is a take-over. */
const TAKE_OVER_EVERY = 10;

const [, , kind, liveCount, policyName = ''] = process.argv;
const live = Number(liveCount);
const policy = POLICIES[policyName] ?? {};

/**
 * @template Entry
 * @param {object} how
 * @param {(user: string, place: number) => Entry | undefined} how.acquire answers nothing at the limit; of those that live, each has a place
 * @param {(entry: Entry) => void} how.release
 * @param {(entry: Entry) => Entry | undefined} how.takeOver ends it, and admits another of its user
 */
function churn({ acquire, release, takeOver }) {
  const users = Array.from({ length: live / SESSIONS_PER_USER }, (_, n) => `user-${n}`);
  let random = 1;
  const anyUser = () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return users[random % users.length] ?? '';
  };
  // One user in a hundred million draws is at the limit by chance: somebody else comes instead.
  const acquireOne = (/** @type {number} */ place) => {
    for (;;) {
      const entry = acquire(anyUser(), place);
      if (entry !== undefined) return entry;
    }
  };
  const entries = Array.from({ length: live }, (_, place) => acquireOne(place));
  let at = 0;
  answer({
    run({ count }) {
      const startMicros = cpuMicros();
      for (let left = Number(count); left > 0; left -= 1) {
        at = at + 1 === live ? 0 : at + 1;
        const old = entries[at];
        if (old !== undefined && policy.hasSessions === true && left % TAKE_OVER_EVERY === 0) {
          entries[at] = takeOver(old) ?? acquireOne(at);
        } else {
          if (old !== undefined) release(old);
          entries[at] = acquireOne(at);
        }
      }
      return { cpuMicros: cpuMicros() - startMicros };
    },
  });
}

function bare() {
  /** @typedef {{ readonly id: number, readonly user: string }} Entry */
  /** @type {Map<string, Map<number, Entry>>} */
  const registry = new Map();
  let lastId = 0;
  const acquire = (/** @type {string} */ user) => {
    const held = registry.get(user);
    if (held !== undefined && held.size >= LIMIT) return undefined;
    lastId += 1;
    const entry = { id: lastId, user };
    if (held === undefined) registry.set(user, new Map([[lastId, entry]]));
    else held.set(lastId, entry);
    return entry;
  };
  const release = (/** @type {Entry} */ { user, id }) => {
    const held = registry.get(user);
    if (held?.delete(id) === true && held.size === 0) registry.delete(user);
  };
  const takeOver = (/** @type {Entry} */ entry) => {
    release(entry);
    return acquire(entry.user);
  };
  churn({ acquire, release, takeOver });
}

function guarded() {
  const factory = createManagerFactory({ maxManagersPerUser: LIMIT, ...policy.factory });
  setOverrides(factory, policy);
  factory.start();
  const admit = (/** @type {AdmissionRequest} */ request) => {
    const admission = factory.tryAdmit(request, { withoutConnection: true });
    return admission.admitted ? admission.manager : undefined;
  };
  // Made beforehand, as the users are; flat, as what is read from a request is.
  const sessions = Array.from({ length: policy.hasSessions === true ? live : 0 }, (_, place) =>
    Buffer.from(`session-${place}`).toString(),
  );
  const acquireSession = (/** @type {string} */ user, /** @type {number} */ place) =>
    admit({ user, sessionId: sessions[place], remoteAddress: ADDRESSES[place % ADDRESSES.length] });
  churn({
    acquire: policy.hasSessions === true ? acquireSession : (user) => admit({ user }),
    release: (/** @type {Manager} */ manager) => void manager.destroy(),
    takeOver: (/** @type {Manager} */ { context }) => admit(context),
  });
}

if (kind === 'bare') bare();
else guarded();
