/** One close of a drain. */
export interface Turn<Item> {
  readonly item: Item;
  /** Milliseconds after the drain began. */
  readonly atMs: number;
}

/**
 * Spreads closes over a time: one in each of as many equal parts as there are items, at a random place of its part, so that clients do
 * not come back all at once, nor in step. In random order, except that whoever works comes last. Pure but for `random`.
 */
export function planTurns<Item>(
  items: readonly Item[],
  spreadMs: number,
  isWorking: (item: Item) => boolean,
  random: () => number = Math.random,
): Turn<Item>[] {
  const idle = shuffled(
    items.filter((item) => !isWorking(item)),
    random,
  );
  const working = shuffled(items.filter(isWorking), random);
  const partMs = spreadMs / Math.max(1, items.length);
  return [...idle, ...working].map((item, index) => ({ item, atMs: (index + random()) * partMs }));
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}
