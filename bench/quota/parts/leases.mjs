// @ts-check
/** @import { LeaseStore } from '@watertight/server' */

const TTL_MS = 3_600_000;
const NO_LIMITS = { user: 1_000_000, tenant: Infinity, fleet: Infinity };

/** As `lease-id.ts` makes them. @param {number} user @param {number} lease @param {number} node */
const leaseId = (user, lease, node) =>
  `0${(user % 1_679_616).toString(36).padStart(7, '0')}n${String(node).padStart(5, '0')}${lease.toString(36)}`;

/** @param {number} user */
const ownerOf = (user) => ({ user: `user-${user}`, tenant: '' });

/**
 * Takes `perUser` leases for each of so many users, node after node in turn.
 *
 * @param {LeaseStore} store @param {number} users @param {number} perUser @param {number} nodes
 */
export async function fill(store, users, perUser, nodes = 1) {
  /** @type {Promise<unknown>[]} */
  let underway = [];
  for (let user = 0; user < users; user += 1) {
    for (let lease = 0; lease < perUser; lease += 1) {
      const request = {
        owner: ownerOf(user),
        leaseId: leaseId(user, lease, (user * perUser + lease) % nodes),
        limits: NO_LIMITS,
        maxClosing: 20,
        ttlMs: TTL_MS,
        nameHoldersFrom: Infinity,
      };
      underway.push(store.acquire(request));
    }
    if (underway.length < 500) continue;
    await Promise.all(underway);
    underway = [];
  }
  await Promise.all(underway);
}

/**
 * Every node renews what it holds, as the runtime does: so many users in one command, eight of these under way.
 *
 * @param {LeaseStore} store @param {number} users @param {number} perUser @param {number} nodes
 * @param {boolean} prolong what the runtime does at every third renewal
 */
export async function renewAll(store, users, perUser, nodes, prolong) {
  let told = 0;
  for (let node = 0; node < nodes; node += 1) {
    /** @type {{ owner: { user: string, tenant: string }, leaseIds: string[], limits: typeof NO_LIMITS, prolong: boolean }[]} */
    let items = [];
    /** @type {Promise<{ news: readonly unknown[] }>[]} */
    let underway = [];
    const send = async (/** @type {number} */ most) => {
      if (items.length > 0) underway.push(store.renew(items, TTL_MS, 'assert'));
      items = [];
      if (underway.length < most) return;
      for (const { news } of await Promise.all(underway)) told += news.length;
      underway = [];
    };
    for (let user = 0; user < users; user += 1) {
      const leaseIds = [];
      for (let lease = 0; lease < perUser; lease += 1)
        if ((user * perUser + lease) % nodes === node) leaseIds.push(leaseId(user, lease, node));
      if (leaseIds.length === 0) continue;
      items.push({ owner: ownerOf(user), leaseIds, limits: NO_LIMITS, prolong });
      if (items.length >= store.usersPerCall) await send(8);
    }
    await send(0);
  }
  if (told > 0) throw new Error(`${told} users had leases that were not there`);
}
