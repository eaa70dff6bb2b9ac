import { Duplex } from 'node:stream';

import type { WebSocket } from 'ws';

import type { Connection, ManagerFactory, Refusal, RefusalReason, Timer } from '../index.ts';
import { refuse } from '../refusals.ts';
import { DEFAULT_IDENTIFY_TIMEOUT_MS } from './identify.ts';
import { type EarlyOptions, NETWORK_DEFAULTS } from './network-options.ts';
import { refusalOfEnd } from './refuse.ts';
import { UpgradeIntake } from './upgrade-intake.ts';

/** Who decides once a client has said who it is. */
interface Decider {
  left(connection: Connection): void;
  managerEnded(connection: Connection, reason: string): boolean;
  refuse(connection: Connection, refusal: Refusal): boolean;
}

interface NewcomerOptions extends EarlyOptions {
  readonly factory: ManagerFactory;
  readonly identifyTimeoutMs?: number | false | undefined;
}

/** A client of graphql-ws from its upgrade until it is admitted. */
export interface Newcomer {
  readonly intake: UpgradeIntake;
  /** When it came: from then on it has `identifyTimeoutMs`. */
  readonly sinceMs: number;
}

interface Waiting extends Newcomer {
  timer: Timer | undefined;
}

/**
 * Watches clients that have a WebSocket and have not said who they are: for as long as `identify` has in all, and no more bytes and
 * messages than a client may send before its answer.
 */
export class GraphqlNewcomers {
  readonly #options: NewcomerOptions;
  readonly #decider: Decider;
  readonly #tell: (webSocket: WebSocket, refusal: Refusal) => void;
  readonly #waiting = new Map<WebSocket, Waiting>();

  constructor(options: NewcomerOptions, decider: Decider, tell: (webSocket: WebSocket, refusal: Refusal) => void) {
    this.#options = options;
    this.#decider = decider;
    this.#tell = tell;
  }

  get size(): number {
    return this.#waiting.size;
  }

  watch(webSocket: WebSocket): void {
    const { factory, identifyTimeoutMs = DEFAULT_IDENTIFY_TIMEOUT_MS } = this.#options;
    if (webSocket.readyState !== webSocket.OPEN) return;
    const newcomer: Waiting = { ...this.#newcomer(webSocket), timer: undefined };
    if (newcomer.intake.connection.ended) return;
    this.#waiting.set(webSocket, newcomer);
    if (identifyTimeoutMs !== false)
      newcomer.timer = factory.clock.setTimeout(() => this.#refuse(webSocket, 'identify-timeout'), identifyTimeoutMs);
  }

  /** A client says who it is; `undefined` when it was refused already. */
  take(webSocket: WebSocket): Newcomer | undefined {
    const newcomer = this.#release(webSocket);
    if (newcomer !== undefined) return newcomer;
    // It came before anybody watched, or after the adapter was closed.
    return webSocket.readyState === webSocket.OPEN ? this.#newcomer(webSocket) : undefined;
  }

  /** Refuses whoever waits. */
  close(): void {
    for (const webSocket of this.#waiting.keys()) this.#refuse(webSocket, 'factory-closed');
  }

  /** The raw socket is looked after from now on; `ws` reads it. */
  #newcomer(webSocket: WebSocket): Newcomer {
    const { factory, maxEarlyBytes, maxEarlyMessages } = this.#options;
    const socket: unknown = Reflect.get(webSocket, '_socket');
    if (!(socket instanceof Duplex)) throw new TypeError('the WebSocket has no socket any more');
    const intake = new UpgradeIntake(factory, socket, {
      isReadElsewhere: true,
      maxEarlyBytes: maxEarlyBytes ?? NETWORK_DEFAULTS.maxEarlyBytes,
      maxEarlyMessages: maxEarlyMessages ?? NETWORK_DEFAULTS.maxEarlyMessages,
      left: ({ connection }) => {
        this.#release(webSocket);
        this.#decider.left(connection);
      },
      managerEnded: ({ connection }, reason) => {
        if (!this.#decider.managerEnded(connection, reason)) this.#tell(webSocket, refusalOfEnd(reason));
      },
      tooMuchEarly: ({ connection }, what) => {
        const refusal = refuse(what);
        // Nothing more of it is of interest, not even its answer to the goodbye.
        webSocket.pause();
        intake.handOver();
        if (this.#waiting.has(webSocket)) {
          this.#refuse(webSocket, what);
        } else {
          factory.recordRefusal(refusal);
          this.#decider.refuse(connection, refusal);
        }
      },
    });
    intake.awaitAnswer();
    return { intake, sinceMs: factory.clock.now() };
  }

  #refuse(webSocket: WebSocket, reason: RefusalReason): void {
    const newcomer = this.#release(webSocket);
    if (newcomer === undefined) return;
    const refusal = refuse(reason);
    this.#options.factory.recordRefusal(refusal);
    newcomer.intake.handOver();
    this.#tell(webSocket, refusal);
  }

  #release(webSocket: WebSocket): Waiting | undefined {
    const newcomer = this.#waiting.get(webSocket);
    this.#waiting.delete(webSocket);
    if (newcomer?.timer !== undefined) this.#options.factory.clock.clear(newcomer.timer);
    return newcomer;
  }
}
