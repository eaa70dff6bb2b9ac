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
  const idle = shuffle(
    items.filter((item) => !isWorking(item)),
    random,
  );
  const working = shuffle(items.filter(isWorking), random);
  const partMs = spreadMs / Math.max(1, items.length);
  return [...idle, ...working].map((item, index) => ({ item, atMs: (index + random()) * partMs }));
}

/** In place, by Fisher and Yates: ten thousand are to be shuffled between two turns of the loop. */
function shuffle<Item>(items: Item[], random: () => number): Item[] {
  for (let left = items.length; left > 1; left -= 1) {
    const [chosen, last] = [Math.floor(random() * left), left - 1];
    const [one, other] = [items[chosen], items[last]];
    if (one === undefined || other === undefined) continue;
    items[chosen] = other;
    items[last] = one;
  }
  return items;
}
