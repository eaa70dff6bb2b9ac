import type { IncomingMessage } from 'node:http';

import type { Admission, Connection, ManagerFactory, Refusal } from '../index.ts';
import { refuse } from '../refusals.ts';
import { ClientAddresses } from './client-address.ts';
import type { DecisionOptions } from './guard-options.ts';
import { type Awaiting, fromAddress, identifyInTime } from './identify.ts';
import type { AddressOptions } from './network-options.ts';
import { refusalOfEnd } from './refuse.ts';

/** A client that waits for its answer. */
class Waiting implements Awaiting {
  readonly resolve: (admission: Admission) => void;
  #stop: (() => void) | undefined;
  #isOver = false;

  constructor(resolve: (admission: Admission) => void) {
    this.resolve = resolve;
  }

  endsWaiting(stop: () => void): void {
    if (this.#isOver) stop();
    else this.#stop = stop;
  }

  /** It waits no longer. */
  over(): void {
    this.#isOver = true;
    this.#stop?.();
  }
}

/** Decides over clients whose raw sockets are somebody else's; each is answered once, also when it leaves while it waits. */
export class Decisions<Client> {
  readonly #options: DecisionOptions<Client>;
  readonly #requestOf: (client: Client) => IncomingMessage;
  readonly #addresses: ClientAddresses;
  readonly #pending = new Map<Connection, Waiting>();
  #isOpen = true;

  /** `requestOf`: the request by which a client came, and with it its address. */
  constructor(options: DecisionOptions<Client> & AddressOptions, requestOf: (client: Client) => IncomingMessage) {
    this.#options = options;
    this.#requestOf = requestOf;
    this.#addresses = new ClientAddresses(options);
  }

  get factory(): ManagerFactory {
    return this.#options.factory;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** `sinceMs`: when the time that a client has to say who it is began, where that was before now. */
  decide(client: Client, connection: Connection, sinceMs?: number): Promise<Admission> {
    // It left while others were asked: its end has been told already, to nobody who waits.
    if (connection.ended) return Promise.resolve(LEFT);
    if (!this.#isOpen) return Promise.resolve(refuse('factory-closed'));
    return new Promise((resolve) => {
      const waiting = new Waiting(resolve);
      this.#pending.set(connection, waiting);
      const settle = (admission: Admission): unknown => this.#settle(connection, admission);
      this.#decide(client, connection, waiting, sinceMs).then(settle, (error: unknown) => {
        this.factory.recordError(error, 'internal');
        settle(refuse('identify-failed', { cause: error }));
      });
    });
  }

  /** To be called when the end of a connection is known. */
  left(connection: Connection): void {
    this.#settle(connection, refuse('client-left'));
  }

  /** The manager of a client that waits was ended; answers `false` when nobody waits. The client is told at once, not when the manager is closed. */
  managerEnded(connection: Connection, reason: string): boolean {
    return this.#settle(connection, refusalOfEnd(reason));
  }

  /** Refuses a client whatever is still decided about it, and disposes of what that brings; answers `false` when nobody waits. */
  refuse(connection: Connection, refusal: Refusal): boolean {
    if (!this.#settle(connection, refusal)) return false;
    connection.end('client-close');
    return true;
  }

  /** Refuses whoever waits, and whoever comes later. */
  close(): void {
    this.#isOpen = false;
    for (const connection of this.#pending.keys()) this.refuse(connection, refuse('factory-closed'));
  }

  async #decide(
    client: Client,
    connection: Connection,
    waiting: Waiting,
    sinceMs: number | undefined,
  ): Promise<Admission> {
    const { factory, init } = this.#options;
    const remoteAddress = factory.screens ? this.#addresses.of(this.#requestOf(client)) : undefined;
    const tooOften = factory.screens ? factory.screen(remoteAddress) : undefined;
    if (tooOften !== undefined) return tooOften;
    const identified = identifyInTime(client, this.#options, waiting, sinceMs);
    const { identity, refusal } = fromAddress(remoteAddress, await identified);
    if (connection.ended) return LEFT;
    if (refusal !== undefined) {
      factory.recordRefusal(refusal);
      return refusal;
    }
    return factory.decide(identity, {
      connection,
      screened: true,
      init: init === undefined ? undefined : (manager) => init(manager, client),
    });
  }

  #settle(connection: Connection, admission: Admission): boolean {
    const waiting = this.#pending.get(connection);
    this.#pending.delete(connection);
    waiting?.over();
    waiting?.resolve(admission);
    return waiting !== undefined;
  }
}

const LEFT: Refusal = refuse('client-left');
