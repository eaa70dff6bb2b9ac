import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

import { InvalidOptionsError } from '@watertight/server';

import { type Dashboard, dashboard } from './dashboard.ts';
import { isLoopbackHost } from './loopback.ts';
import { type DashboardOptions, throwIfNoOptions } from './options.ts';

const MAX_PORT = 65_535;

/** Options of {@link serveDashboard}. */
export interface ServeOptions extends DashboardOptions {
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Default `'127.0.0.1'`. Any other than loopback needs `token` or `authenticate`. */
  readonly host?: string;
}

/** A dashboard on a port of its own. */
export interface ServedDashboard extends Dashboard {
  readonly port: number;
  /** Where to look. */
  readonly url: string;
}

/**
 * Serves a dashboard on a port of its own; on loopback, which is the default, nobody is asked who they are unless `token` or
 * `authenticate` says so.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 * import { serveDashboard } from '@watertight/dashboard';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const board = await serveDashboard({ factory });
 * console.log(board.url);
 * await board.close();
 * await factory.close();
 * ```
 *
 * @throws InvalidOptionsError (the promise rejects) when it would be open to other machines and know nobody; and what `listen` fails with.
 */
export async function serveDashboard(options: ServeOptions): Promise<ServedDashboard> {
  throwIfNoOptions(options);
  const { port = 0, host = '127.0.0.1', basePath = '/', ...others } = options;
  const knowsNobody = others.token === undefined && others.authenticate === undefined;
  if (!isLoopbackHost(host) && (knowsNobody || others.loopbackOnly === true))
    throw new InvalidOptionsError([
      `host is '${host}', which other machines reach: give token or authenticate, or listen on 127.0.0.1`,
    ]);
  // Of any other text Node would make a socket in the file system, and say nothing.
  const asked: unknown = port;
  if (!/^\d{1,5}$/.test(String(asked)) || Number(asked) > MAX_PORT)
    throw new InvalidOptionsError([`port must be a whole number from 0 to ${MAX_PORT}; got ${String(asked)}`]);
  const board = dashboard({ ...others, basePath, ...(knowsNobody ? { loopbackOnly: true } : {}) });
  const server = createServer((request, response) => {
    if (!board.handle(request, response)) response.writeHead(404).end();
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    await board.close();
    throw error;
  }
  // It keeps no process alive that has nothing else to do.
  server.unref();
  const address = server.address();
  const ownPort = typeof address === 'object' && address !== null ? address.port : port;
  const close = async (): Promise<void> => {
    await board.close();
    await closed(server);
  };
  return {
    path: board.path,
    handle: board.handle,
    overview: () => board.overview(),
    port: ownPort,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${ownPort}${board.path}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const closing = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closing;
}
