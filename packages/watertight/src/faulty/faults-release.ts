import { randomUUID } from 'node:crypto';
import type { ReleaseReport } from '@watertight/server';
import type { WebSocket } from 'ws';
import type { Fault } from './fault.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import { SpecimenManager } from './specimen-manager.ts';
import { nowMs } from './specimen-options.ts';
import { type FinalizerOutcome, within } from './specimen-teardown.ts';
import { Specimen } from './specimen.ts';

/** What one finalizer is given by a server that thinks of nothing else. */
const PATIENCE_MS = 1_000;

class KeepsTheManager extends Specimen {
  override connectionEnded(connection: SpecimenConnection): void {
    this.managerOf(connection)?.connections.delete(connection);
  }
}

/** Late beyond every deadline, whatever the interval that it is checked with. */
const IDLE_INTERVALS = 3;

class RefreshesOnDetach extends Specimen {
  readonly #activeAtMs: WeakMap<SpecimenManager, number> = new WeakMap();

  override connectionEnded(connection: SpecimenConnection): void {
    const manager = this.managerOf(connection);
    if (manager === undefined) return;
    manager.connections.delete(connection);
    this.#activeAtMs.set(manager, nowMs());
  }

  override overdueReason(manager: SpecimenManager, atMs: number): string | undefined {
    const activeAtMs = this.#activeAtMs.get(manager);
    if (activeAtMs === undefined) return super.overdueReason(manager, atMs);
    return atMs - activeAtMs > IDLE_INTERVALS * this.options.heartbeatIntervalMs ? 'idle' : undefined;
  }
}

class SendHoldsTheLock extends Specimen {
  #lock: Promise<unknown> = Promise.resolve();

  override connectionEnded(connection: SpecimenConnection): void {
    void this.#locked(() => this.#sendLastWords(connection));
  }

  async #sendLastWords(connection: SpecimenConnection): Promise<void> {
    // The lock is not re-entrant: whoever removes on a failed send waits for itself, and everybody after waits too.
    if (connection.endReason === 'client-error') await this.#locked(() => super.connectionEnded(connection));
    else super.connectionEnded(connection);
  }

  #locked<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#lock.then(work);
    this.#lock = turn;
    return turn;
  }
}

class LeavesSocketsOpen extends Specimen {
  override async closeSockets(): Promise<void> {}

  override async destroyOverdue(): Promise<void> {}
}

class ReleasesTwice extends Specimen {
  override opened(manager: SpecimenManager, connection: SpecimenConnection, ws: WebSocket): void {
    super.opened(manager, connection, ws);
    ws.on('close', () => void this.release(manager, 'client-close'));
  }

  override release(manager: SpecimenManager, reason: string, endedAtMs: number = nowMs()): Promise<ReleaseReport> {
    this.detach(manager, endedAtMs);
    manager.releasing = Promise.resolve().then(() => this.teardown(manager, reason, endedAtMs));
    return manager.releasing;
  }
}

class WaitsForHungFinalizers extends Specimen {
  override async teardown(manager: SpecimenManager, reason: string, endedAtMs: number): Promise<ReleaseReport> {
    for (let next = manager.finalizers.pop(); next !== undefined; next = manager.finalizers.pop()) {
      await within(Promise.resolve(next.run({ reason, signal: manager.signal })), PATIENCE_MS);
    }
    return await super.teardown(manager, reason, endedAtMs);
  }
}

class TrustsTheAnswer extends Specimen {
  override async closeSocket(connection: SpecimenConnection, code: number, reason: string): Promise<void> {
    connection.ws?.close(code, reason);
  }

  override async destroyOverdue(): Promise<void> {}
}

class HoldsTheSlotWhileClosing extends Specimen {
  override detach(manager: SpecimenManager): void {
    manager.state = 'closing';
  }

  override closed(manager: SpecimenManager, reason: string): void {
    this.registry.detach(manager);
    super.closed(manager, reason);
  }
}

class RunsFinalizersInOrder extends Specimen {
  override async teardown(manager: SpecimenManager, reason: string, endedAtMs: number): Promise<ReleaseReport> {
    manager.finalizers.reverse();
    return await super.teardown(manager, reason, endedAtMs);
  }
}

class WaitsForTheSocketAfterGoodbye extends Specimen {
  override connectionEnded(connection: SpecimenConnection): void {
    const { ws, raw } = connection;
    if (ws?.readyState === ws?.CLOSING && !raw.readableEnded && !raw.destroyed)
      raw.once('close', () => super.connectionEnded(connection));
    else super.connectionEnded(connection);
  }
}

class WaitsForEndlessWork extends Specimen {
  override async drain(manager: SpecimenManager): Promise<void> {
    await manager.worked();
    manager.abort();
  }
}

class LateTaker extends SpecimenManager {
  override get ended(): boolean {
    return false;
  }
}

class TakesWhatComesLate extends Specimen {
  override create(user: string): SpecimenManager {
    const manager = new LateTaker(randomUUID(), user);
    this.registry.insert(manager);
    this.ledger.created += 1;
    return manager;
  }
}

class ForgetsClosingScopes extends Specimen {
  override async withChildren(_manager: SpecimenManager, own: FinalizerOutcome): Promise<FinalizerOutcome> {
    return own;
  }
}

class SaysGoodbyeToTheSilent extends Specimen {
  override closeSocket(connection: SpecimenConnection, code: number): Promise<void> {
    return super.closeSocket(connection, code, 'goodbye');
  }
}

class SaysEverybodyLeft extends Specimen {
  override tell(report: ReleaseReport): void {
    super.tell({ ...report, reason: 'client-close' });
  }
}

export const releaseFaults: readonly Fault[] = [
  {
    id: 'D-01',
    title: 'No release on close',
    wrong:
      'The end of a socket removes the connection and leaves the manager, which holds its slot until a deadline happens to pass.',
    specimen: KeepsTheManager,
    caughtBy: [
      'limit/three-of-five-come-back',
      'limit/eighteen-are-held',
      'limit/exactly-two-more-fit',
      'limit/a-race-for-the-last-slot-admits-one',
    ],
  },
  {
    id: 'D-02',
    title: 'Refresh on detach',
    wrong: 'Removing the last connection counts as activity, so that the idle rule releases intervals late.',
    specimen: RefreshesOnDetach,
    caughtBy: [
      'limit/three-of-five-come-back',
      'limit/eighteen-are-held',
      'limit/exactly-two-more-fit',
      'limit/a-race-for-the-last-slot-admits-one',
    ],
  },
  {
    id: 'D-04',
    title: 'Lock held across a send',
    wrong: 'A failed send removes the connection under the lock it holds already: nobody is released from then on.',
    specimen: SendHoldsTheLock,
    caughtBy: [
      'timing/after-an-abort-in-upgrade-nothing-is-held',
      'timing/the-slot-is-reusable-at-once',
      'cycles/no-manager-is-left',
      'cycles/every-cycle-is-admitted-and-served',
    ],
  },
  {
    id: 'D-06',
    title: 'Removal leaves the sockets open',
    wrong: 'A released manager gives its slot back and never closes its sockets.',
    specimen: LeavesSocketsOpen,
    caughtBy: ['timing/after-its-own-close-without-an-answer-the-socket-is-gone', 'emergency/closing-all-closes-all'],
  },
  {
    id: 'D-24',
    title: 'Cleanup is not idempotent',
    wrong: 'Two ways lead to the cleanup of one manager, and both carry it out.',
    specimen: ReleasesTwice,
    caughtBy: ['comprehensive/the-accounts-add-up', 'cycles/the-accounts-add-up'],
  },
  {
    id: 'W-04',
    title: 'A hung finalizer blocks the deadline',
    wrong: 'Each finalizer is given a second of its own, and the sockets are closed after the last.',
    specimen: WaitsForHungFinalizers,
    caughtBy: [
      'timing/a-hung-finalizer-does-not-delay-the-socket',
      'timing/finalizers-are-done-by-the-deadline',
      'timing/a-hung-finalizer-is-named',
    ],
  },
  {
    id: 'W-05',
    title: 'A peer that does not answer is kept',
    wrong: 'After a close frame of its own the server counts on the peer to end the connection.',
    specimen: TrustsTheAnswer,
    caughtBy: ['timing/after-its-own-close-without-an-answer-the-socket-is-gone'],
  },
  {
    id: 'W-06',
    title: 'The slot is held while closing',
    wrong: 'A slot is free only when the cleanup is over, not when the close is issued.',
    specimen: HoldsTheSlotWhileClosing,
    caughtBy: ['timing/the-slot-is-reusable-at-once', 'timing/closing-ones-are-shown-and-waited-for'],
  },
  {
    id: 'W-18',
    title: 'Finalizers run in the order of registration',
    wrong: 'What was acquired first is given back first, under whatever was built upon it.',
    specimen: RunsFinalizersInOrder,
    caughtBy: ['timing/finalizers-run-last-first-each-after-the-one-before'],
  },
  {
    id: 'W-19',
    title: 'A goodbye is not enough',
    wrong: 'After the close frame of a client its slot is held for as long as the client keeps its TCP side.',
    specimen: WaitsForTheSocketAfterGoodbye,
    caughtBy: ['timing/the-slot-is-reusable-at-once'],
  },
  {
    id: 'W-20',
    title: 'Every release is called a goodbye',
    wrong: 'Whatever a manager was released for, its report says that the client closed.',
    specimen: SaysEverybodyLeft,
    caughtBy: ['timing/each-release-says-why', 'emergency/closing-all-closes-all'],
  },
  {
    id: 'W-23',
    title: 'Work that never ends is waited for',
    wrong: 'A close waits for work in flight for as long as that takes.',
    specimen: WaitsForEndlessWork,
    caughtBy: ['timing/work-that-never-ends-is-left-behind', 'timing/finalizers-are-done-by-the-deadline'],
  },
  {
    id: 'W-24',
    title: 'What comes late is kept',
    wrong: 'A manager that has ended goes on taking resources, which nobody gives back.',
    specimen: TakesWhatComesLate,
    caughtBy: ['timing/finalizers-run-last-first-each-after-the-one-before'],
  },
  {
    id: 'W-25',
    title: 'Scopes that close by themselves are forgotten',
    wrong: 'The report of a manager does not name what hangs in a scope that was closing when it ended.',
    specimen: ForgetsClosingScopes,
    caughtBy: ['timing/a-scope-that-closes-by-itself-is-in-the-report'],
  },
  {
    id: 'W-26',
    title: 'The silent are told goodbye',
    wrong: 'The socket of a peer that was found silent is kept until a close frame could have been answered.',
    specimen: SaysGoodbyeToTheSilent,
    caughtBy: ['timing/each-report-says-when-its-socket-went'],
  },
];
