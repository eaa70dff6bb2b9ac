import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { guard } from '@watertight/server/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Manager } from '../../../server/src/manager.ts';
import { type Network, type Subject, webSocketSpeech } from '../../../server/test/conformance-kit.ts';
import { userOf } from '../../../server/test/guarded-server.ts';
import { connectInMemory, type MemorySocket } from '../../src/kit.ts';

/** Connections in memory; `spoil` may make them worse than a network is. */
function inMemory(delayMs: number, spoil: (client: MemorySocket) => void): Network {
  const open = new Map<Server, Set<Socket>>();
  return {
    dial: async (server) => {
      const client = connectInMemory(server, { delayMs, allowHalfOpen: true });
      spoil(client);
      const sockets = open.get(server) ?? new Set<Socket>();
      open.set(server, sockets.add(client.peer));
      client.peer.once('close', () => sockets.delete(client.peer));
      await once(client, 'connect');
      return client;
    },
    socketCount: async (server) => open.get(server)?.size ?? 0,
  };
}

/** The adapter for `ws`, over connections in memory. */
export function subjectInMemory(
  name: string,
  { delayMs = 0, spoil = () => undefined }: { delayMs?: number; spoil?: (client: MemorySocket) => void } = {},
): Subject {
  return {
    name,
    network: inMemory(delayMs, spoil),
    can: {
      early: true,
      asks: true,
      closeCodes: true,
      messages: true,
      reports: true,
      endsRefused: true,
      tellsLimit: true,
    },
    speech: webSocketSpeech,
    serve: (
      factory,
      { identify = (user) => user, message = (_manager, text) => `echo ${text}`, began, ...options },
    ) => {
      const server = createServer();
      const wss = new WebSocketServer({ noServer: true });
      wss.on('connection', (webSocket: WebSocket, _request: IncomingMessage, manager: Manager) => {
        began?.(manager);
        webSocket.on('message', (data: Buffer) => webSocket.send(message(manager, String(data))));
      });
      const guarding = guard(server, wss, { factory, identify: (request) => identify(userOf(request)), ...options });
      return { server, guard: guarding, close: () => wss.close() };
    },
  };
}
