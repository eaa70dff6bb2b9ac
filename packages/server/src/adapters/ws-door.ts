import type { IncomingMessage } from 'node:http';

import type { WebSocket, WebSocketServer } from 'ws';

import type { Manager, Refusal } from '../index.ts';
import { closeRefused, endWithResponse, refusalOfEnd, refusalResponse } from './refuse.ts';
import type { Door } from './upgrade-desk.ts';
import type { UpgradeIntake } from './upgrade-intake.ts';
import { acceptWebSocket } from './web-socket-life.ts';

/** Lets clients in to a `WebSocketServer` in `noServer` mode. */
export function doorOf(wss: WebSocketServer, refusal: 'http' | 'close' | undefined): Door {
  return refusal === 'close' ? new TellingDoor(wss) : new WsDoor(wss);
}

/** What is wrong with how clients are to be refused there, in a sentence. */
export function problemsOfRefusal(refusal: unknown): string[] {
  return refusal === undefined || refusal === 'http' || refusal === 'close'
    ? []
    : [`refusal must be 'http' or 'close', got ${JSON.stringify(refusal)}`];
}

class WsDoor implements Door {
  protected readonly wss: WebSocketServer;

  constructor(wss: WebSocketServer) {
    this.wss = wss;
  }

  accept(intake: UpgradeIntake, request: IncomingMessage, manager: Manager): void {
    const { connection, socket } = intake;
    const head = intake.handOver();
    const speak = (webSocket: WebSocket): void => {
      acceptWebSocket(intake, webSocket);
      if (!connection.isWatched) this.wss.emit('connection', webSocket, request, manager);
      else connection.within(() => this.wss.emit('connection', webSocket, request, manager));
    };
    intake.speakBy(
      () => this.wss.handleUpgrade(request, socket, head, speak),
      // A socket that is not writable any more is destroyed by ws, whatever others say.
      (reason) => {
        if (socket.writable) endWithResponse(socket, refusalResponse(refusalOfEnd(reason)));
      },
    );
  }
}

/** Accepts whoever is refused, to be able to say why. */
class TellingDoor extends WsDoor {
  refuseByClose(intake: UpgradeIntake, request: IncomingMessage, refusal: Refusal): void {
    const { socket } = intake;
    this.wss.handleUpgrade(request, socket, intake.handOver(), (webSocket) => {
      closeRefused(webSocket, refusal);
      socket.resume();
    });
  }
}
