// Runs in a page and in Node: nothing is used here that only one of them has.
import { keepConnected } from '../dist/index.js';

/**
 * Visits with the WebSocket that the platform has, and tells what it hears and what becomes of it.
 *
 * @param {string} url
 * @param {(told: Record<string, unknown>) => void} tell
 */
export function visit(url, tell) {
  /** @param {Record<string, unknown>} what */
  const told = (what) => tell({ atMs: performance.now(), ...what });
  keepConnected(() => new WebSocket(url), {
    backoff: { firstMs: 20, maxMs: 50 },
    onOpen: (socket) => socket.addEventListener('message', ({ data }) => told({ heard: String(data) })),
    onWait: ({ retry, retryAfterMs, delayMs, ending: { code } }) => told({ code, retry, retryAfterMs, delayMs }),
    onStop: ({ code }) => told({ stopped: code }),
  });
}
