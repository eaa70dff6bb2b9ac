import type { ReleaseReport } from '@watertight/server';
import type { WebSocket } from 'ws';
import type { Fault } from './fault.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import { Specimen } from './specimen.ts';

/** A spread that is longer than anybody waits. */
const SPREAD_MS = 60_000;
/** Held by all, as a share of what the process may hold, from which on this one feels pressed. */
const PRESSED_SHARE = 0.05;

class AsksForEver extends Specimen {
  override overdueReason(manager: SpecimenManager, atMs: number): string | undefined {
    for (const connection of manager.live) connection.askedCount = 0;
    return super.overdueReason(manager, atMs);
  }
}

class OneMissIsEnough extends Specimen {
  override overdueReason(manager: SpecimenManager, atMs: number): string | undefined {
    const { heartbeatIntervalMs } = this.options;
    // The sweep that asks is not the one that judges: whoever answers has been heard by the next.
    const missed = manager.live.some(({ askedCount }) => askedCount > 0);
    const isQuiet = manager.live.some((connection) => connection.quietMs(atMs) > heartbeatIntervalMs);
    return missed && isQuiet ? 'silent' : super.overdueReason(manager, atMs);
  }
}

class ShedsTheLiving extends Specimen {
  override overdueReason(manager: SpecimenManager, atMs: number): string | undefined {
    const isPressed = this.heldByAll > this.options.maxManagers * PRESSED_SHARE;
    const isIdle = manager.live.some((connection) => atMs - connection.usedAtMs > this.options.heartbeatIntervalMs / 2);
    return isPressed && isIdle ? 'pressure:idle' : super.overdueReason(manager, atMs);
  }
}

class SpreadsWithoutLastCall extends Specimen {
  override async closeAllForUser(user: string, reason = 'closed-by-server'): Promise<readonly ReleaseReport[]> {
    const [first, ...others] = this.managersOf(user);
    for (const [index, manager] of others.entries()) {
      const turn = setTimeout(() => void this.release(manager, reason), ((index + 1) * SPREAD_MS) / others.length);
      turn.unref();
      manager.defer(() => clearTimeout(turn), { name: 'its turn' });
    }
    return first === undefined ? [] : [await this.release(first, reason)];
  }
}

class AnswersTheNewest extends Specimen {
  override received(connection: SpecimenConnection, data: Buffer, isBinary: boolean): void {
    const user = this.managerOf(connection)?.user;
    const newest = user === undefined ? undefined : this.managersOf(user).at(-1)?.live.at(-1);
    super.received(newest ?? connection, data, isBinary);
  }
}

const CLOSE_OPCODE = 0x08;

class HangsUpOnAGoodbye extends Specimen {
  override opened(manager: SpecimenManager, connection: SpecimenConnection, ws: WebSocket): void {
    super.opened(manager, connection, ws);
    // Before the WebSocket reads it, which would answer.
    connection.raw.prependListener('data', (chunk: Buffer) => {
      if (((chunk[0] ?? 0) & 0x0f) === CLOSE_OPCODE) connection.raw.destroy();
    });
  }
}

/** What goes wrong about heartbeats, pressure, draining and goodbyes. */
export const watchingFaults: readonly Fault[] = [
  {
    id: 'W-35',
    title: 'Asked for ever',
    wrong: 'Every question forgets that the one before it was not answered, so that nobody is ever found silent.',
    specimen: AsksForEver,
    caughtBy: ['timing/a-vanished-peer-is-noticed', 'timing/a-stalled-peer-is-noticed'],
  },
  {
    id: 'W-36',
    title: 'One miss is enough',
    wrong: 'Whoever does not answer the first question at once is taken for silent, so that a slow reader is lost.',
    specimen: OneMissIsEnough,
    caughtBy: [
      'comprehensive/a-slow-reader-is-kept',
      'comprehensive/closing-tabs-leaves-the-others',
      'emergency/who-answers-late-stays',
    ],
  },
  {
    id: 'W-37',
    title: 'Pressure takes the living',
    wrong: 'From a twentieth of the limit of the process upwards everybody idle is ended, although they answer.',
    specimen: ShedsTheLiving,
    caughtBy: [
      'comprehensive/the-bystander-is-untouched',
      'comprehensive/a-slow-reader-is-kept',
      'comprehensive/closing-tabs-leaves-the-others',
      'emergency/the-living-stay-and-answer',
      'emergency/without-silent-ones-nobody-goes',
    ],
  },
  {
    id: 'W-38',
    title: 'A drain without a last call',
    wrong: 'Closing everybody is spread over a minute, and nothing ends it earlier.',
    specimen: SpreadsWithoutLastCall,
    caughtBy: ['emergency/closing-all-closes-all'],
  },
  {
    id: 'W-60',
    title: 'A goodbye is answered by hanging up',
    wrong: 'On a close frame the connection is cut at once, so that no client ever knows whether it was heard.',
    specimen: HangsUpOnAGoodbye,
    caughtBy: ['cycles/a-close-frame-is-answered'],
  },
  {
    id: 'W-61',
    title: 'Answers go to the newest connection',
    wrong: 'A map from user to socket keeps the last of them only, and whatever any tab asks is answered there.',
    specimen: AnswersTheNewest,
    caughtBy: ['limit/each-is-answered-on-its-own-connection'],
  },
];
