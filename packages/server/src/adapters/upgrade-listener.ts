import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { isThenable } from '../thenable.ts';
import { show } from '../show.ts';
import type { Guard, UpgradeOptions } from './guard-options.ts';
import type { RefusalBudget } from './refusal-budget.ts';
import { endWithResponse } from './refuse.ts';
import { type Door, UpgradeDesk } from './upgrade-desk.ts';

/** Puts a desk at the upgrades of an HTTP server, which others may share. `budget`: of an adapter that has several. */
export function listenForUpgrades(server: Server, options: UpgradeOptions, door: Door, budget?: RefusalBudget): Guard {
  const { factory } = options;
  const desk = new UpgradeDesk(options, door, { budget, isHandedHead: true });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (taken.has(request)) return;
    if (isHandled(request, socket, options)) {
      taken.add(request);
      desk.upgrade(request, socket, head);
      return;
    }
    // Node leaves an upgrade that nobody answers open for ever; others may answer it if there are others than guards.
    const declinedCount = (declined.get(request) ?? 0) + 1;
    declined.set(request, declinedCount);
    if (server.listenerCount('upgrade') === declinedCount) answerNotFound(socket);
  };
  factory.start();
  server.on('upgrade', onUpgrade);
  return {
    factory,
    get pendingCount() {
      return desk.pendingCount;
    },
    close: () => {
      server.off('upgrade', onUpgrade);
      desk.close();
    },
  };
}

/** What is wrong with the server whose upgrades are to be guarded, in a sentence. */
export function problemsOfServer(server: Partial<Server> | undefined): string[] {
  return typeof server?.listenerCount === 'function' ? [] : [`server must be an HTTP server, got ${show(server)}`];
}

/** Requests that a guard decides about: two of them on one socket would each make a manager, and end its client. */
const taken = new WeakSet<IncomingMessage>();

/** How many guards did not want a request. */
const declined = new WeakMap<IncomingMessage, number>();

function isHandled(request: IncomingMessage, socket: Duplex, { path, handles, factory }: UpgradeOptions): boolean {
  if (handles === undefined) return path === undefined || pathOf(request) === path;
  try {
    const answer: unknown = handles(request);
    if (!isThenable(answer)) return Boolean(answer);
    answer.then(undefined, () => undefined);
    throw new TypeError('handles must answer at once, true or false; it answered a promise');
  } catch (error) {
    factory.recordError(error, 'identify');
    socket.destroy();
    return false;
  }
}

function answerNotFound(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  endWithResponse(socket, 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
