/** Other nodes are told of the same user no more often. */
const AGAIN_MS = 1000;

/** Users near their limit that other nodes have just been told of. */
export class Suspects {
  /** The one told longest ago first. */
  readonly #toldAtMs = new Map<string, number>();

  /** Whether it is time to tell of this user, who then counts as told. */
  tell(user: string, nowMs: number): boolean {
    const lastMs = this.#toldAtMs.get(user) ?? -Infinity;
    if (nowMs - lastMs < AGAIN_MS) return false;
    for (const [other, toldAtMs] of this.#toldAtMs) {
      if (nowMs - toldAtMs < AGAIN_MS) break;
      this.#toldAtMs.delete(other);
    }
    this.#toldAtMs.delete(user);
    this.#toldAtMs.set(user, nowMs);
    return true;
  }
}
