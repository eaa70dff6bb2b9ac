/** So many users take turns, so that what a server keeps of somebody it knows is no leak of the cycles. */
const USER_COUNT = 5;
const FIRST_USER = 1_003;
const OTHER_USERS = 1_400;
/** More than any scenario, and the second play of one, counts its users to. */
const NEWCOMERS = 10_000_000;

/** Who lives the lives of the cycles. */
export interface CycleUsers {
  /** They take turns; of newcomers, the first. */
  readonly users: readonly string[];
  /** With `--new-users`, somebody else each time: who lives the next life. */
  readonly newcomer?: (() => string) | undefined;
}

export function cycleUsers(userId: (index: number) => string, areNew: boolean): CycleUsers {
  const users = Array.from({ length: USER_COUNT }, (_, index) =>
    userId(index === 0 ? FIRST_USER : OTHER_USERS + index),
  );
  let count = 0;
  const newcomer = (): string => {
    count += 1;
    return users[count - 1] ?? userId(NEWCOMERS + count);
  };
  return { users, newcomer: areNew ? newcomer : undefined };
}

/** What lives of these users cannot show. */
export function sayUsers({ users, newcomer }: CycleUsers): string {
  return newcomer === undefined
    ? `the cycles were of ${users.length} users who came again and again: what the server keeps of each user that it has not met before was not looked for (--new-users)`
    : 'each cycle was of a user of its own (--new-users): what the server keeps of users on purpose, such as a profile, was taken for left behind';
}
