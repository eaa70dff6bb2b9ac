import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { Chain } from '../chain.ts';
import type { Admission, Manager, ManagerFactory, Refusal } from '../index.ts';
import { refuse } from '../refusals.ts';
import { ClientAddresses } from './client-address.ts';
import type { DecisionOptions } from './guard-options.ts';
import { fromAddress, type Identified, identifyInTime } from './identify.ts';
import { NETWORK_DEFAULTS, type NetworkOptions } from './network-options.ts';
import { RefusalBudget } from './refusal-budget.ts';
import { endWithResponse, refusalOfEnd, refusalResponse } from './refuse.ts';
import { type IntakeDesk, UpgradeIntake } from './upgrade-intake.ts';

/** How one transport lets a client in. */
export interface Door {
  /** Called in the same synchronous stretch that took the intake from the desk: no byte and no end can have come in between. */
  accept(intake: UpgradeIntake, request: IncomingMessage, manager: Manager): void;
  /** Tells the client why not by a close code. Left out: nobody is told so, and everybody by HTTP. */
  readonly refuseByClose?: Refuse | undefined;
  /** Tells the client why not over HTTP, in words of the framework. Left out: the response is written to the socket. */
  readonly refuseByHttp?: Refuse | undefined;
}

type Refuse = (intake: UpgradeIntake, request: IncomingMessage, refusal: Refusal) => void;

/** Decides over upgrades; whatever happens, each is answered once: by the door, by a refusal, or by nothing because nobody is left. */
export class UpgradeDesk implements IntakeDesk {
  /** Undecided: whoever takes an intake out of here is the one who answers it. */
  readonly #pending = new Chain<UpgradeIntake>();
  readonly #options: DecisionOptions;
  readonly #door: Door;
  readonly #addresses: ClientAddresses;
  readonly #budget: RefusalBudget;
  readonly #takeBoundsBack: () => void;
  #isOpen = true;
  readonly maxEarlyBytes: number;
  readonly maxEarlyMessages: number;

  /**
   * `budget`: of an adapter that refuses elsewhere too. `isHandedHead`: what comes in one piece with a request is brought along and counts
   * as early; default: whoever has read the request keeps it.
   */
  constructor(
    options: DecisionOptions & NetworkOptions,
    door: Door,
    {
      budget,
      isHandedHead = false,
    }: { readonly budget?: RefusalBudget | undefined; readonly isHandedHead?: boolean } = {},
  ) {
    this.#options = options;
    this.#door = door;
    this.#addresses = new ClientAddresses(options);
    this.#budget =
      budget ??
      new RefusalBudget(options.factory, options, door.refuseByClose === undefined ? ['http'] : ['close', 'http']);
    this.maxEarlyBytes = options.maxEarlyBytes ?? NETWORK_DEFAULTS.maxEarlyBytes;
    this.maxEarlyMessages = options.maxEarlyMessages ?? NETWORK_DEFAULTS.maxEarlyMessages;
    const early = { bytes: this.maxEarlyBytes, messages: this.maxEarlyMessages };
    this.#takeBoundsBack = options.factory.recordEarlyBounds(isHandedHead ? early : { bytes: null, messages: null });
  }

  get factory(): ManagerFactory {
    return this.#options.factory;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /**
   * To be called in the `upgrade` event itself: everything up to the intake is synchronous, so the socket is never without an error listener.
   * `keepsHead`: whether the head is handed to the WebSocket from here, and not by a framework that keeps it.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, keepsHead = true): void {
    const intake = new UpgradeIntake(this.factory, socket, this, request);
    // It left while others were asked: what would tell has been told already, to nobody.
    if (intake.connection.ended) {
      socket.destroy();
      return;
    }
    this.#pending.add(intake);
    if (!this.#isOpen) {
      this.#refuse(intake, refuse('factory-closed'));
      return;
    }
    if (head.length > 0 && keepsHead) intake.keepEarly(head);
    else if (head.length > 0) intake.countEarly(head);
    if (this.#pending.has(intake)) this.#decide(intake, request);
  }

  left(intake: UpgradeIntake): void {
    this.#pending.delete(intake);
    intake.socket.destroy();
  }

  tooMuchEarly(intake: UpgradeIntake, what: 'early-data-limit' | 'early-message-limit'): void {
    const refusal = refuse(what);
    this.factory.recordRefusal(refusal);
    this.#refuse(intake, refusal);
  }

  /** The admission counts this refusal when the manager is closed; the client is told at once. */
  managerEnded(intake: UpgradeIntake, reason: string): void {
    this.#refuse(intake, refusalOfEnd(reason));
  }

  /** Refuses everybody who waits, and whoever is still brought here later. */
  close(): void {
    this.#isOpen = false;
    this.#takeBoundsBack();
    this.#budget.close();
    for (const intake of this.#pending) this.#refuse(intake, refuse('factory-closed'));
  }

  /** Most upgrades are answered before this returns: nothing is awaited where nothing has to be, and nothing made for it. */
  #decide(intake: UpgradeIntake, request: IncomingMessage): void {
    try {
      const remoteAddress = this.factory.screens ? this.#addresses.of(request) : undefined;
      const tooOften = this.factory.screens ? this.factory.screen(remoteAddress) : undefined;
      if (tooOften !== undefined) {
        this.#refuse(intake, tooOften);
        return;
      }
      const identified = identifyInTime(request, this.#options, intake);
      if (identified instanceof Promise)
        this.#wait(
          intake,
          identified.then((known) => this.#admit(intake, request, fromAddress(remoteAddress, known))),
        );
      else {
        const admitted = this.#admit(intake, request, fromAddress(remoteAddress, identified));
        if (admitted !== undefined) this.#wait(intake, admitted);
      }
    } catch (error) {
      this.#failed(intake, error);
    }
  }

  #wait(intake: UpgradeIntake, answered: Promise<undefined>): void {
    intake.awaitAnswer();
    answered.then(undefined, (error: unknown) => this.#failed(intake, error));
  }

  #failed(intake: UpgradeIntake, error: unknown): void {
    this.#pending.delete(intake);
    this.factory.recordError(error, 'connection-listener');
    intake.socket.destroy();
  }

  #admit(
    intake: UpgradeIntake,
    request: IncomingMessage,
    { identity, refusal }: Identified,
  ): undefined | Promise<undefined> {
    if (!this.#pending.has(intake)) return undefined;
    const { factory, init } = this.#options;
    if (refusal !== undefined) {
      factory.recordRefusal(refusal);
      this.#refuse(intake, refusal);
      return undefined;
    }
    const admission = factory.decide(identity, {
      connection: intake.connection,
      screened: true,
      init: init === undefined ? undefined : (manager) => init(manager, request),
    });
    if (admission instanceof Promise) return admission.then((decided) => this.#answer(intake, request, decided));
    return this.#answer(intake, request, admission);
  }

  #answer(intake: UpgradeIntake, request: IncomingMessage, admission: Admission): undefined {
    if (!admission.admitted) this.#refuse(intake, admission);
    else if (this.#pending.delete(intake)) this.#door.accept(intake, request, admission.manager);
  }

  /** Tells the client, unless it has its answer already or is gone. */
  #refuse(intake: UpgradeIntake, refusal: Refusal): void {
    const { request, socket } = intake;
    if (!this.#pending.delete(intake) || request === undefined || intake.connection.ended || socket.destroyed) return;
    const kind = this.#budget.spend();
    const tell = kind === 'close' ? this.#door.refuseByClose : kind === 'http' ? this.#door.refuseByHttp : undefined;
    if (tell !== undefined) {
      try {
        tell.call(this.#door, intake, request, refusal);
      } catch (error) {
        this.#failed(intake, error);
      }
      return;
    }
    intake.handOver();
    if (kind === 'destroy') {
      socket.destroy();
      return;
    }
    socket.resume();
    endWithResponse(socket, refusalResponse(refusal));
  }
}
