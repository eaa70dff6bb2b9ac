import { delayBefore } from './backoff.ts';
import { letGo } from './let-go.ts';
import { type KeepConnectedOptions, MAX_TIMER_MS, resolveOptions, type WebSocketLike } from './options.ts';
import { type RefusedUpgrade, onRefusedUpgrade } from './refused-upgrade.ts';
import { type Ending, verdictOf } from './verdicts.ts';

export interface KeptConnection<Socket extends WebSocketLike> {
  /** The socket that is open or being opened; `undefined` while it waits, and in the end. */
  readonly socket: Socket | undefined;
  /**
   * Closes the socket, and does not come back. Idempotent. What the socket throws where it does not take the code (browsers and Node take
   * 1000 and 3000 to 4999) or the reason (at most 123 bytes) is thrown, and the socket is ended without them.
   */
  stop(code?: number, reason?: string): void;
}

/**
 * Keeps a WebSocket connected: comes back when it ends, later with every attempt in vain, no earlier than the server asked for, and not at
 * all where that is of no use. What `open` throws at the first attempt is thrown to the caller; later it is an attempt in vain, with code 1006 and
 * the message as its reason.
 *
 * @throws RangeError for a delay that is no number of milliseconds from 0 to 2 147 483 647, an `openTimeoutMs` below 1, or a `firstMs` above
 * `maxMs`; TypeError for an option that does not exist, or is no function where one is called.
 */
export function keepConnected<Socket extends WebSocketLike>(
  open: () => Socket,
  options: KeepConnectedOptions<Socket> = {},
): KeptConnection<Socket> {
  const { backoff, stableAfterMs, openTimeoutMs, random } = resolveOptions(options);

  let socket: Socket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attemptsInVain = 0;
  let isStopped = false;

  const attempt = (): void => {
    timer = undefined;
    const current = open();
    socket = current;
    let openedAtMs: number | undefined;
    let refused: RefusedUpgrade | undefined;
    const over = (code: number, reason: string): void => {
      if (socket !== current) return;
      socket = undefined;
      clearTimeout(timer);
      if (openedAtMs !== undefined && performance.now() - openedAtMs >= stableAfterMs) attemptsInVain = 0;
      ended({ code, reason, ...refused });
    };
    onRefusedUpgrade(current, (by) => {
      refused = by;
    });
    current.addEventListener('open', () => {
      if (socket !== current) return;
      clearTimeout(timer);
      openedAtMs = performance.now();
      options.onOpen?.(current);
    });
    // Also because without a listener Node would end the process.
    current.addEventListener('error', () => {
      // What never opened has failed for good. A close event follows in the same turn, except from Node's own WebSocket before Node 24.
      if (openedAtMs !== undefined || socket !== current) return;
      clearTimeout(timer);
      timer = setTimeout(over, 0, ABNORMAL, '');
    });
    current.addEventListener('close', ({ code, reason }) => over(code, reason));
    // By `open` itself.
    if (isStopped) {
      socket = undefined;
      letGo(current);
    }
    if (openTimeoutMs === false || isStopped) return;
    timer = setTimeout(() => {
      letGo(current);
      over(ABNORMAL, `not open after ${openTimeoutMs} ms`);
    }, openTimeoutMs);
  };

  const ended = (ending: Ending): void => {
    if (isStopped) return;
    const verdict = verdictOf(ending);
    if (verdict.retry === 'do-not-retry') {
      isStopped = true;
      options.onStop?.(ending);
      return;
    }
    const delayMs = Math.min(MAX_TIMER_MS, delayBefore(attemptsInVain, verdict.retryAfterMs, backoff, random()));
    attemptsInVain += 1;
    timer = setTimeout(again, delayMs);
    options.onWait?.({ ...verdict, delayMs, ending });
  };

  /** What `open` throws by now nobody could catch, and it may pass: a token that could not be had, a proxy that is not there. */
  const again = (): void => {
    try {
      attempt();
    } catch (error) {
      ended({ code: ABNORMAL, reason: `open threw: ${error instanceof Error ? error.message : String(error)}` });
    }
  };

  attempt();
  return {
    get socket() {
      return socket;
    },
    stop: (code, reason) => {
      isStopped = true;
      clearTimeout(timer);
      const last = socket;
      socket = undefined;
      try {
        last?.close(code, reason);
      } catch (error) {
        if (last !== undefined) letGo(last);
        throw error;
      }
    },
  };
}

/** As of a connection that ended without a close frame (RFC 6455, 7.4.1). */
const ABNORMAL = 1006;
