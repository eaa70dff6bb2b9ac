import type { ManagerHost, ManagerRecord } from './manager-record.ts';
import type { Owned, OwnedList } from './owned.ts';
import { describeSite } from './registration-site.ts';
import { usageOf } from './snapshot.ts';
import type { ManagerLook, OwnedLook, UserLook } from './user-look.ts';

const LISTED_MANAGERS = 200;
const COUNTED_OWNED = 1000;
const LISTED_OWNED = 50;

/** What a user holds, manager by manager. Touches nothing; costs at most 200 managers with 1 000 resources each. */
export function lookAtUser(host: ManagerHost, user: string): UserLook {
  const all = [...host.registry.of(user), ...host.registry.closingOf(user)];
  const nowMs = host.clock.now();
  return Object.freeze({
    usage: usageOf(host, user),
    hasOverride: host.limits.hasOverride(user),
    managers: Object.freeze(all.slice(0, LISTED_MANAGERS).map((manager) => lookAt(manager, nowMs))),
    notListed: Math.max(0, all.length - LISTED_MANAGERS),
  });
}

function lookAt(manager: ManagerRecord, nowMs: number): ManagerLook {
  const since = (atMs: number): number => Math.max(0, nowMs - atMs);
  const { id, state, connectionCount, inFlight, unsentBytes, sessionId, remoteAddress, reason } = manager;
  return Object.freeze({
    id,
    state,
    ageMs: since(manager.createdAtMs),
    idleMs: since(manager.usedAtMs),
    quietMs: connectionCount === 0 ? null : since(manager.lastInboundMs),
    connections: connectionCount,
    inFlight,
    unsentBytes,
    sessionId: sessionId ?? null,
    remoteAddress: remoteAddress ?? null,
    reason: reason === '' ? null : reason,
    owned: lookAtOwned(manager),
  });
}

function lookAtOwned(list: OwnedList): ManagerLook['owned'] {
  const listed: OwnedLook[] = [];
  let count = 0;
  for (const { name, site } of ownedIn(list)) {
    if (count === COUNTED_OWNED) return Object.freeze({ count, andMore: true, listed });
    count += 1;
    if (listed.length < LISTED_OWNED) listed.push(Object.freeze({ name, place: describeSite(site) }));
  }
  return Object.freeze({ count, andMore: false, listed });
}

/** The order in which they would be let go of: a scope within the scope is not one of them, what it owns is. */
function* ownedIn(list: OwnedList): Generator<Owned> {
  for (let owned = list.tail; owned !== undefined; owned = owned.before) {
    if (owned.nested === undefined) yield owned;
    else yield* ownedIn(owned.nested);
  }
}
