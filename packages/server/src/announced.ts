/**
 * Work whose outcome is made known before it begins: whoever is called back by the work itself, and asks for it again, gets the same
 * promise and does not begin it a second time.
 */
export function announced<Result>(
  announce: (outcome: Promise<Result>) => unknown,
  begin: () => Promise<Result>,
): Promise<Result> {
  let resolve: (result: Promise<Result>) => void = () => undefined;
  const outcome = new Promise<Result>((onResolve) => {
    resolve = onResolve;
  });
  announce(outcome);
  resolve(begin());
  return outcome;
}
