import { cursorProblem } from './cursor.ts';
import { InvalidOptionsError } from './errors.ts';
import type { ManagerHost } from './manager-record.ts';
import { type NumberRule, numberProblem } from './number-rule.ts';
import { show } from './show.ts';
import { inSlices } from './slices.ts';
import { usageOf } from './snapshot.ts';
import type { UserList, UserListQuery } from './user-list.ts';

const MAX_CONTAINS = 256;

const NUMBERS = {
  minHeld: { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, unit: ' managers', off: false },
  pageSize: { default: 100, min: 1, max: 1000, integer: true, unit: ' users', off: false },
} as const satisfies Readonly<Record<string, NumberRule>>;

interface Place {
  readonly held: number;
  readonly user: string;
}

/**
 * One pass over all users in slices, so that any number of them can be asked for while the server serves; nothing is kept between two pages.
 * @throws InvalidOptionsError naming every problem at once.
 */
export async function listUsers(host: ManagerHost, query: UserListQuery = {}): Promise<UserList> {
  const { minHeld, needle, pageSize, after } = resolveQuery(query);
  const { clock, registry } = host;
  /** One more than the page has, to know whether there is another one. */
  const page: Place[] = [];
  let matching = 0;
  await inSlices(clock, registry.users(), (user) => {
    const held = registry.heldBy(user);
    if (held < minHeld || (needle !== '' && !user.toLowerCase().includes(needle))) return;
    matching += 1;
    const place = { user, held };
    if (after === undefined || comesBefore(after, place)) keep(page, place, pageSize + 1);
  });
  const shown = page.slice(0, pageSize);
  const last = shown.at(-1);
  return Object.freeze({
    users: Object.freeze(shown.map(({ user }) => usageOf(host, user))),
    matching,
    cursor: last === undefined || page.length <= pageSize ? undefined : `${last.held}:${last.user}`,
  });
}

/** Most held first; among equals by id, so that every page begins where the last one ended. */
function comesBefore(one: Place, other: Place): boolean {
  return one.held === other.held ? one.user < other.user : one.held > other.held;
}

/** Sorted, and never more than `most`. Who left and came back while the users were walked comes twice, and is kept once. */
function keep(page: Place[], place: Place, most: number): void {
  const last = page.at(-1);
  if (page.length === most && last !== undefined && !comesBefore(place, last)) return;
  let low = 0;
  let high = page.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = page[middle];
    if (there !== undefined && comesBefore(there, place)) low = middle + 1;
    else high = middle;
  }
  if (page[low]?.user === place.user) return;
  page.splice(low, 0, place);
  if (page.length > most) page.pop();
}

function resolveQuery({
  minHeld = NUMBERS.minHeld.default,
  contains = '',
  cursor,
  pageSize = NUMBERS.pageSize.default,
}: UserListQuery): {
  readonly minHeld: number;
  readonly needle: string;
  readonly pageSize: number;
  readonly after: Place | undefined;
} {
  const problems = [
    numberProblem('minHeld', minHeld, NUMBERS.minHeld),
    numberProblem('pageSize', pageSize, NUMBERS.pageSize),
    typeof contains === 'string' && contains.length <= MAX_CONTAINS
      ? undefined
      : `contains must be a string of at most ${MAX_CONTAINS} characters; got ${show(contains)}`,
  ].filter((problem) => problem !== undefined);
  const after = cursor === undefined ? undefined : placeOf(cursor);
  if (cursor !== undefined && after === undefined) problems.push(cursorProblem(cursor));
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return { minHeld, needle: contains.toLowerCase(), pageSize, after };
}

function placeOf(cursor: unknown): Place | undefined {
  const [, held, user] = (typeof cursor === 'string' ? /^(\d{1,15}):(.+)$/s.exec(cursor) : null) ?? [];
  return user === undefined ? undefined : { held: Number(held), user };
}
