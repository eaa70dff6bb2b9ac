/** When the event loop held us back for longer than this, silence may be ours and nobody is judged. */
export const LAG_TOLERANCE_MS = 100;

/** Heartbeats are placed on sixteenths of the interval, so that all connections share a few lanes of the deadline queue. */
const PLACES_PER_INTERVAL = 16;

export interface HeartbeatFacts {
  /** Since the last inbound byte. */
  readonly quietForMs: number;
  /** Questions asked since then. */
  readonly unanswered: number;
  /** How late this heartbeat is. */
  readonly latenessMs: number;
}

export interface HeartbeatRule {
  readonly intervalMs: number;
  readonly misses: number;
}

/** `alive`: nothing to do · `ask`: send a ping · `ask-again`: the loop lagged, ask without counting · `silent`: over. */
export type HeartbeatVerdict =
  | { readonly verdict: 'alive'; readonly nextMs: number }
  | { readonly verdict: 'ask' | 'ask-again'; readonly nextMs: number }
  | { readonly verdict: 'silent' };

/**
 * Judges one connection at its heartbeat. Any inbound byte is life. A connection is asked after one quiet interval and again after
 * each further one; it is silent when `misses` questions went unanswered, at the latest `interval × misses + interval` after its last byte.
 */
export function judgeHeartbeat(facts: HeartbeatFacts, rule: HeartbeatRule): HeartbeatVerdict {
  const { intervalMs, misses } = rule;
  const placeMs = intervalMs / PLACES_PER_INTERVAL;
  const remainingPlaces = Math.floor((intervalMs - facts.quietForMs) / placeMs);
  if (remainingPlaces >= 1) return { verdict: 'alive', nextMs: remainingPlaces * placeMs };
  // One place early, so that the socket is gone, not only judged, by the time that was promised.
  const nextMs = intervalMs - placeMs;
  if (facts.latenessMs > LAG_TOLERANCE_MS) return { verdict: 'ask-again', nextMs };
  if (facts.unanswered >= misses) return { verdict: 'silent' };
  return { verdict: 'ask', nextMs };
}
