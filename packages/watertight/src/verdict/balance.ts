import type { FactoryStats } from '@watertight/server';

/**
 * What does not add up in one snapshot of a factory; empty when all of it does. Each a sentence with both sides. Up to
 * `maxClosingPerUser` closing ones of a user have freed their slots; `false`: any number.
 */
export function imbalances(
  stats: FactoryStats,
  statsTopUsers: number,
  maxClosingPerUser: number | false = 0,
): readonly string[] {
  const { created, active, pending, closing, released, users, perUser, cleanup, emergency } = stats;
  const reasons = Object.values(released.byReason).reduce((sum, count) => sum + count, 0);
  const equations: readonly (readonly [string, number, number])[] = [
    [
      `created ${created} is not active ${active} + pending ${pending} + closing ${closing} + released ${released.total}`,
      created,
      active + pending + closing + released.total,
    ],
    [`released ${released.total} is not the sum of its reasons, ${reasons}`, released.total, reasons],
    [
      `released ${released.total} is not the number of cleanups timed to their last finalizer, ${cleanup.finalizersDone.count}`,
      released.total,
      cleanup.finalizersDone.count,
    ],
    ...(perUser.length < statsTopUsers ? sumsOverUsers(stats) : []),
    ...(active + pending + closing === 0 ? nothingOfNobody(stats) : []),
  ];
  const unequal = equations.filter(([, one, other]) => one !== other).map(([sentence]) => sentence);
  const freed = cleanup.slotReusable.count;
  const isBounded = maxClosingPerUser === false || closing <= maxClosingPerUser;
  return [
    ...unequal,
    ...(emergency.usersInEmergency <= users
      ? []
      : [`users in emergency ${emergency.usersInEmergency} is more than there are users, ${users}`]),
    ...(Number.isInteger(users) ? [] : [`users is ${String(users)}, which is no number of users`]),
    // A closing one has freed its slot, unless so many of its user are closing that they count as held again.
    ...(freed <= released.total + closing && freed >= released.total + (isBounded ? closing : 0)
      ? []
      : [
          `slots freed ${freed} is not ${isBounded ? '' : 'between released and '}released ${released.total} + closing ${closing}`,
        ]),
    ...perUser
      .filter((user) => user.active + user.pending + user.closing === 0)
      .map(({ user }) => `user ${JSON.stringify(user)} is named and has nothing`),
  ];
}

/** Where there is no manager nothing else is either. */
function nothingOfNobody({
  connections,
  withoutConnection,
  oldestAgeMs,
}: FactoryStats): readonly (readonly [string, number, number])[] {
  return [
    [`there are no managers, but connections ${connections}`, connections, 0],
    [`there are no managers, but ${withoutConnection} without connection`, withoutConnection, 0],
    [`there are no managers, but the oldest is ${oldestAgeMs} ms old`, oldestAgeMs === null ? 0 : 1, 0],
  ];
}

/** Only when every user is named do their sizes add up to the whole. */
function sumsOverUsers({
  active,
  pending,
  closing,
  users,
  perUser,
}: FactoryStats): readonly (readonly [string, number, number])[] {
  const held = perUser.reduce((sum, user) => sum + user.active + user.pending, 0);
  const waiting = perUser.reduce((sum, user) => sum + user.pending, 0);
  const closed = perUser.reduce((sum, user) => sum + user.closing, 0);
  return [
    [`users ${users} is not the number of users named, ${perUser.length}`, users, perUser.length],
    [`active + pending ${active + pending} is not the sum over users, ${held}`, active + pending, held],
    [`pending ${pending} is not the sum over users, ${waiting}`, pending, waiting],
    [`closing ${closing} is not the sum over users, ${closed}`, closing, closed],
  ];
}
