/** The same things in an order that chance decides, each as likely as any other. */
export function shuffled<T>(things: readonly T[], random: () => number): T[] {
  const order = [...things];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [atLast, atOther] = [order[last] as T, order[other] as T];
    order[last] = atOther;
    order[other] = atLast;
  }
  return order;
}
