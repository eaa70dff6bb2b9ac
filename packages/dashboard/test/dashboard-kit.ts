import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type Server,
} from 'node:http';
import { createManagerFactory, type ManagerFactory } from '@watertight/server';
import { guard } from '@watertight/server/ws';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

import { type Dashboard, dashboard, type DashboardOptions } from '../src/index.ts';

export const TOKEN = 'a-token-of-24-characters';

/** Runs after the test, last added first. */
export function atEnd(end: () => unknown): void {
  onTestFinished(async () => {
    await end();
  });
}

type FactoryOptions = NonNullable<Parameters<typeof createManagerFactory>[0]>;

export function factoryOf(options: FactoryOptions = {}): ManagerFactory {
  const factory = createManagerFactory({ name: 'chat', ...options });
  factory.start();
  atEnd(() => factory.close());
  return factory;
}

/** A server that serves WebSockets and has a dashboard, as a team would have it. */
export interface ServedBoard {
  readonly server: Server;
  readonly factory: ManagerFactory;
  readonly board: Dashboard;
  readonly port: number;
  readonly url: string;
  /** A client that is connected. */
  client(user: string): Promise<WebSocket>;
  /** Asks with the token, unless told otherwise. */
  get(path: string, headers?: IncomingHttpHeaders): Promise<Answer>;
  act(action: string, body: unknown, headers?: IncomingHttpHeaders): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `undefined` where it is not JSON. */
  readonly json: unknown;
}

export async function servedBoard(
  options: DashboardOptions = {},
  factoryOptions: FactoryOptions = {},
): Promise<ServedBoard> {
  const factory = options.factory ?? factoryOf(factoryOptions);
  const knows = options.loopbackOnly === true || options.authenticate !== undefined || options.token !== undefined;
  const board = dashboard({
    factory,
    intervalMs: 200,
    maxCpuShare: 0.5,
    ...(knows ? {} : { token: TOKEN }),
    ...options,
  });
  const server = createServer((request, response) => {
    if (!board.handle(request, response)) response.writeHead(418).end('not the dashboard');
  });
  const wss = new WebSocketServer({ noServer: true });
  const guarding = guard(server, wss, {
    factory,
    identify: (request) => new URL(request.url ?? '/', 'http://host').searchParams.get('user'),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const clients: WebSocket[] = [];
  atEnd(async () => {
    for (const client of clients) client.terminate();
    await board.close();
    guarding.close();
    wss.close();
    server.closeAllConnections();
    server.close();
  });
  return {
    server,
    factory,
    board,
    port,
    url: `http://127.0.0.1:${port}${board.path}`,
    client: async (user) => {
      const client = new WebSocket(`ws://127.0.0.1:${port}/?user=${encodeURIComponent(user)}`);
      client.on('error', () => undefined);
      clients.push(client);
      await once(client, 'open');
      return client;
    },
    get: (path, headers = { authorization: `Bearer ${TOKEN}` }) => ask(port, { path: `${board.path}${path}`, headers }),
    act: (action, body, headers = {}) =>
      ask(port, {
        method: 'POST',
        path: `${board.path}api/actions/${action}`,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          'content-type': 'application/json',
          'x-watertight-dashboard': '1',
          ...headers,
        },
        body: JSON.stringify(body),
      }),
  };
}

/** One request, with any header, which `fetch` would not send. */
export async function ask(
  port: number,
  question: {
    readonly method?: string;
    readonly path: string;
    readonly headers?: IncomingHttpHeaders;
    readonly body?: string;
  },
): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body } = question;
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  const asking = httpRequest({ host: '127.0.0.1', port, method, path, headers: sent, agent: false });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const isJson = response.headers['content-type']?.startsWith('application/json') === true;
  const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
  return { status: response.statusCode ?? 0, headers: response.headers, text, json };
}

/** Looks again and again until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, withinMs = 5000): Promise<void> {
  const beganAtMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - beganAtMs > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The events of a stream as they come. */
export async function* eventsOf(
  port: number,
  path: string,
  headers: IncomingHttpHeaders = { authorization: `Bearer ${TOKEN}` },
): AsyncGenerator<{ readonly name: string; readonly data: unknown }, undefined> {
  const asking = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false });
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
        if (name !== undefined && data !== undefined) yield { name, data: JSON.parse(data) as unknown };
      }
    }
  } finally {
    asking.destroy();
  }
  return undefined;
}
