import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ManagerFactory, type ManagerFactoryOptions, createManagerFactory } from '@watertight/server';
import { type GuardOptions, guard } from '@watertight/server/ws';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';

export interface GuardedServer {
  readonly port: number;
  readonly factory: ManagerFactory;
  readonly wss: WebSocketServer;
}

export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A guarded server, closed after the test. `answer`: what it says to requests that are no upgrade. */
export async function guarded(
  options: Partial<GuardOptions> = {},
  factoryOptions: ManagerFactoryOptions = {},
  answer?: RequestListener,
): Promise<GuardedServer> {
  const server = createServer(answer);
  const wss = new WebSocketServer({ noServer: true });
  const factory = createManagerFactory({ emergencyThreshold: false, ...factoryOptions });
  const identify = (request: IncomingMessage): string | null =>
    new URL(request.url ?? '', 'http://host').searchParams.get('user');
  const guarding = guard(server, wss, { factory, identify, ...options });
  onTestFinished(async () => {
    guarding.close();
    await factory.close();
    wss.close();
    server.close();
    server.closeAllConnections();
  });
  return { port: await listening(server), factory, wss };
}
