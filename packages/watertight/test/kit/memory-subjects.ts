import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Network, Subject } from '../../../server/test/conformance-kit.ts';
import { wsSubject } from '../../../server/test/ws-subject.ts';
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
  return { ...wsSubject(name), network: inMemory(delayMs, spoil) };
}
