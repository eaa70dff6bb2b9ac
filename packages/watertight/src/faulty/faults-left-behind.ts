import { openSync } from 'node:fs';
import { devNull } from 'node:os';
import type { Fault } from './fault.ts';
import type { SpecimenConnection } from './specimen-connection.ts';
import type { SpecimenManager } from './specimen-manager.ts';
import { Specimen } from './specimen.ts';

class LeavesTheTimer extends Specimen {
  override startTimer(_manager: SpecimenManager, connection: SpecimenConnection): void {
    setInterval(() => connection.ws?.send('still here'), 60_000);
  }
}

class LeavesTheListener extends Specimen {
  override listen(_manager: SpecimenManager, connection: SpecimenConnection): void {
    this.announcements.on('announcement', (text: string) => connection.ws?.send(text));
  }
}

class StaysInTheRoomAfterReset extends Specimen {
  override enterRoom(manager: SpecimenManager, connection: SpecimenConnection): void {
    this.room.add(connection);
    manager.defer(() => {
      // Only a reset leaves an error on the socket itself.
      if (!connection.raw.errored) this.room.delete(connection);
    });
  }
}

class StaysInTheRoomWhenSilent extends Specimen {
  override enterRoom(manager: SpecimenManager, connection: SpecimenConnection): void {
    this.room.add(connection);
    manager.defer(() => {
      if (manager.endReason !== 'silent') this.room.delete(connection);
    });
  }
}

class ListensToTheProcess extends Specimen {
  override listen(manager: SpecimenManager, connection: SpecimenConnection): void {
    super.listen(manager, connection);
    process.setMaxListeners(0);
    process.on('SIGUSR2', () => connection.ws?.close(1001));
  }
}

class LeavesAFileOpen extends Specimen {
  override enterRoom(manager: SpecimenManager, connection: SpecimenConnection): void {
    super.enterRoom(manager, connection);
    openSync(devNull, 'r');
  }
}

export const leftBehindFaults: readonly Fault[] = [
  {
    id: 'W-11',
    title: 'A timer per connection stays',
    wrong: 'The interval started for a connection is never cleared.',
    specimen: LeavesTheTimer,
    caughtBy: ['cycles/no-handle-or-timer-is-left'],
  },
  {
    id: 'W-12',
    title: 'A listener on a shared emitter stays',
    wrong: 'Each connection leaves its listener on an emitter that all share, and with it everything it refers to.',
    specimen: LeavesTheListener,
    caughtBy: ['cycles/no-listener-is-left', 'cycles/no-instance-is-left'],
  },
  {
    id: 'W-13',
    title: 'A room entry stays, only after a reset',
    wrong: 'Whoever leaves by RST, and nobody else, is kept in the room.',
    specimen: StaysInTheRoomAfterReset,
    caughtBy: ['cycles/no-instance-is-left'],
  },
  {
    id: 'W-82',
    title: 'A room entry stays, only of the silent',
    wrong: 'Whoever fell silent and was given up, and nobody else, is kept in the room.',
    specimen: StaysInTheRoomWhenSilent,
    caughtBy: ['cycles/nothing-is-left-of-silent-peers'],
  },
  {
    id: 'W-14',
    title: 'A listener on the process stays',
    wrong: 'Each connection adds a listener to the process object and never takes it away.',
    specimen: ListensToTheProcess,
    caughtBy: ['cycles/no-listener-is-left'],
  },
  {
    id: 'W-15',
    title: 'An open file stays',
    wrong: 'Each connection opens a file that nobody closes.',
    specimen: LeavesAFileOpen,
    caughtBy: ['cycles/no-file-descriptor-is-left'],
  },
];
