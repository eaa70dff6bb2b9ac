/** Lets each have its turn, whatever the others come to; `failed` is told why one could not. Answers whether all could. */
export async function tellEach(tells: readonly (() => unknown)[], failed: (error: unknown) => void): Promise<boolean> {
  let areTold = true;
  for (const tell of tells) {
    try {
      await tell();
    } catch (error) {
      areTold = false;
      failed(error);
    }
  }
  return areTold;
}
