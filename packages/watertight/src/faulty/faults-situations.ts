import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UserUsage } from '@watertight/server';
import type { Admission } from './specimen-admission.ts';
import type { Fault } from './fault.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import { nowMs } from './specimen-options.ts';
import { Specimen } from './specimen.ts';

/** How long what is built at the start takes. */
const WARM_UP_MS = 6_000;
/** Whoever comes back this soon after the one before is taken for the same client. */
const SAME_CLIENT_MS = 700;
/** So many within so long are too many for a cleanup beside them. */
const BUSY_COUNT = 6;
const CALM_MS = 300;
const GATE_PLACES = 60;
const IDLE_MS = 3_000;
/** One connection in so many. */
const SELDOM = 20;
const LATE_WRITE_MS = 30_000;

/** The end of a tab is looked up by what its browser sent, which all tabs of it share. */
class TabsShareOneKey extends Specimen {
  readonly #latest: Map<string, SpecimenManager> = new Map();

  override attach(manager: SpecimenManager, connection: SpecimenConnection): void {
    super.attach(manager, connection);
    if (connection.cookie !== undefined) this.#latest.set(connection.cookie, manager);
  }

  override connectionEnded(connection: SpecimenConnection): void {
    const manager = connection.cookie === undefined ? undefined : this.#latest.get(connection.cookie);
    if (manager === undefined) super.connectionEnded(connection);
    else void this.release(manager, connection.endReason ?? 'client-close', connection.endedAtMs);
  }
}

class CleansUpOnceWarm extends Specimen {
  #warmAtMs = Infinity;

  override start(): void {
    super.start();
    this.#warmAtMs = nowMs() + WARM_UP_MS;
  }

  override connectionEnded(connection: SpecimenConnection): void {
    const leftMs = this.#warmAtMs - nowMs();
    if (leftMs <= 0) super.connectionEnded(connection);
    else setTimeout(() => super.connectionEnded(connection), leftMs).unref();
  }
}

class ComingBackIsLife extends Specimen {
  override commit(manager: SpecimenManager): Admission {
    const others = this.managersOf(manager.user).filter((other) => other !== manager);
    const newestAtMs = Math.max(...others.map(({ createdAtMs }) => createdAtMs));
    if (manager.createdAtMs - newestAtMs < SAME_CLIENT_MS)
      for (const connection of others.flatMap(({ live }) => live)) connection.touch();
    return super.commit(manager);
  }
}

class MakesTheKeyAgain extends Specimen {
  override detach(manager: SpecimenManager, endedAtMs: number): void {
    // The key is made of the id a second time, by other code.
    const isFound = this.managersOf(manager.user.toLowerCase()).includes(manager);
    if (isFound) super.detach(manager, endedAtMs);
    else manager.state = 'closing';
  }
}

class CleansUpInCalmMoments extends Specimen {
  #madeAtMs: number[] = [];

  override create(user: string): SpecimenManager {
    this.#madeAtMs = [...this.#madeAtMs.slice(1 - BUSY_COUNT), nowMs()];
    return super.create(user);
  }

  override connectionEnded(connection: SpecimenConnection): void {
    const busySinceMs = this.#madeAtMs.length < BUSY_COUNT ? -Infinity : (this.#madeAtMs[0] ?? -Infinity);
    const leftMs = busySinceMs + CALM_MS - nowMs();
    if (leftMs <= 0) super.connectionEnded(connection);
    else setTimeout(() => this.connectionEnded(connection), leftMs + 1).unref();
  }
}

/** A number in a store goes up with each admission and down with each release; a killed process takes nothing down. */
class CountsInAStore extends Specimen {
  readonly #file: string = join(tmpdir(), `watertight-specimen-${process.env['PORT'] ?? process.pid}.json`);
  readonly #stale: Readonly<Record<string, number>> = this.#read();
  /** Kept open: a file that is cut and written again is put on the disk at once, and everybody waits for that. */
  readonly #store: number = openSync(this.#file, 'w');
  #longest = 0;

  override held(user: string): number {
    return super.held(user) + (this.#stale[user] ?? 0);
  }

  override create(user: string): SpecimenManager {
    const manager = super.create(user);
    this.#write();
    return manager;
  }

  override detach(manager: SpecimenManager, endedAtMs: number): void {
    super.detach(manager, endedAtMs);
    this.#write();
  }

  override async close(): Promise<void> {
    await super.close();
    closeSync(this.#store);
    rmSync(this.#file, { force: true });
  }

  #read(): Record<string, number> {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as Record<string, number>;
    } catch {
      return {};
    }
  }

  #write(): void {
    const counts = [...this.registry.users].map(([user, managers]) => [user, managers.size]);
    const text = JSON.stringify(Object.fromEntries(counts));
    this.#longest = Math.max(this.#longest, text.length);
    writeSync(this.#store, text.padEnd(this.#longest), 0);
  }
}

class EndsWithoutAWord extends Specimen {
  override async close(): Promise<void> {}
}

class OneSendAfterAnother extends Specimen {
  #sent: Promise<unknown> = Promise.resolve();

  override received(connection: SpecimenConnection, data: Buffer, isBinary: boolean): void {
    this.#sent = this.#sent.then(() => written(connection, data, isBinary));
  }
}

async function written(connection: SpecimenConnection, data: Buffer, isBinary: boolean): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LATE_WRITE_MS).unref();
  });
  const sent = new Promise<void>((resolve) => {
    if (connection.ws === undefined) resolve();
    else connection.ws.send(data, { binary: isBinary }, () => resolve());
    void connection.gone.then(() => resolve());
  });
  await Promise.race([sent, late]);
  clearTimeout(timer);
}

/** Whoever passes takes an aborted one off as well: only a storm of them, with nobody between, closes the gate for good. */
class AbortedOnesStayInTheGate extends Specimen {
  #inGate = 0;

  override take(user: string, connection: SpecimenConnection | undefined): SpecimenManager | undefined {
    if (this.#inGate >= GATE_PLACES) return undefined;
    this.#inGate += 1;
    const manager = super.take(user, connection);
    if (manager === undefined) this.#inGate -= 1;
    return manager;
  }

  override commit(manager: SpecimenManager): Admission {
    const admission = super.commit(manager);
    if (admission.admitted) this.#inGate = Math.max(0, this.#inGate - 2);
    return admission;
  }
}

class QuietOnesAreDead extends Specimen {
  override overdueReason(manager: SpecimenManager, atMs: number): string | undefined {
    const isUnused = manager.live.some(({ usedAtMs }) => atMs - usedAtMs > IDLE_MS);
    return isUnused ? 'idle' : super.overdueReason(manager, atMs);
  }
}

class AskingIsRemembered extends Specimen {
  override usage(user: string): UserUsage {
    if (!this.registry.users.has(user)) this.registry.users.set(user, new Map());
    return super.usage(user);
  }
}

class SeldomLeavesAFile extends Specimen {
  #count = 0;

  override enterRoom(manager: SpecimenManager, connection: SpecimenConnection): void {
    super.enterRoom(manager, connection);
    this.#count += 1;
    if (this.#count % SELDOM === 0) openSync(devNull, 'r');
  }
}

/** One for each situation of production; the first step named is of the situation that is there for it. */
export const situationFaults: readonly Fault[] = [
  {
    id: 'P-01',
    title: 'All tabs of a browser have one key',
    wrong: 'When a tab closes, the manager that its browser opened last is released in place of its own.',
    specimen: TabsShareOneKey,
    caughtBy: ['tabs/the-others-go-on', 'tabs/five-are-held', 'tabs/the-closed-ones-are-let-go'],
  },
  {
    id: 'P-02',
    title: 'The cleanup begins when the process is warm',
    wrong: 'For the first seconds of a process no end of a connection is acted upon.',
    specimen: CleansUpOnceWarm,
    caughtBy: ['cold/the-next-is-admitted-at-once', 'cold/all-places-are-free-again'],
  },
  {
    id: 'P-03',
    title: 'Coming back is a sign of life of the old',
    wrong:
      'Whoever comes back soon refreshes every older connection of the user, so that a lost one is never found silent.',
    specimen: ComingBackIsLife,
    caughtBy: ['reconnect/every-return-is-admitted', 'reconnect/no-more-are-held-than-silence-explains'],
  },
  {
    id: 'P-04',
    title: 'The key is made again at the end',
    wrong: 'A manager is looked up at its end under the id in lower case, and is not found when it began otherwise.',
    specimen: MakesTheKeyAgain,
    caughtBy: ['identity/each-end-gives-back-what-its-beginning-took', 'identity/every-place-is-free-again'],
  },
  {
    id: 'P-05',
    title: 'The cleanup waits for a calm moment',
    wrong: 'What has ended is cleaned up when nobody has come for a moment, and under load that moment never comes.',
    specimen: CleansUpInCalmMoments,
    caughtBy: ['creation/every-attempt-gets-in', 'creation/the-closing-do-not-pile-up'],
  },
  {
    id: 'P-06',
    title: 'Places are a number in a store',
    wrong:
      'Each admission adds one to a number in a store and each release takes one off; what a killed process held stays.',
    specimen: CountsInAStore,
    caughtBy: ['restart/after-sigkill-everybody-comes-back'],
  },
  {
    id: 'P-07',
    title: 'The process ends without a word',
    wrong: 'On SIGTERM the process ends in order, but tells none of its clients.',
    specimen: EndsWithoutAWord,
    caughtBy: ['rollover/the-old-one-tells-its-clients'],
  },
  {
    id: 'P-08',
    title: 'One send after another',
    wrong: 'Each message is sent when the one before has been taken by its reader, whoever that is.',
    specimen: OneSendAfterAnother,
    caughtBy: ['slow/the-others-are-answered-meanwhile'],
  },
  {
    id: 'P-09',
    title: 'Aborted upgrades stay in the gate',
    wrong:
      'Only so many upgrades are under way at a time, and one that was aborted is taken off only by the next that passes, if it can.',
    specimen: AbortedOnesStayInTheGate,
    caughtBy: ['aborts/the-next-is-admitted'],
  },
  {
    id: 'P-10',
    title: 'Quiet tabs are taken for dead',
    wrong: 'Whoever sends no message for a while is removed, although it answers every ping.',
    specimen: QuietOnesAreDead,
    caughtBy: ['idle/nobody-is-ended-for-being-quiet', 'idle/they-are-still-held'],
  },
  {
    id: 'P-11',
    title: 'Asking is remembered',
    wrong: 'Reading the usage of a user makes an entry for it that stays.',
    specimen: AskingIsRemembered,
    caughtBy: ['watching/strangers-are-not-remembered'],
  },
  {
    id: 'P-12',
    title: 'One file in twenty connections stays open',
    wrong: 'Now and then a connection opens a file that nobody closes.',
    specimen: SeldomLeavesAFile,
    caughtBy: ['soak/no-socket-or-descriptor-grows'],
  },
];
