import type { IncomingMessage, ServerResponse } from 'node:http';

import { Access } from './access.ts';
import { ActionDesk } from './action-desk.ts';
import { AlertLog } from './alert-log.ts';
import { Audit } from './audit.ts';
import { EndLog } from './end-log.ts';
import { Looks } from './looks.ts';
import { type DashboardOptions, resolveOptions } from './options.ts';
import type { Overview } from './overview.ts';
import { Pages } from './pages.ts';
import { Reads } from './reads.ts';
import { answer, type Parts } from './routes.ts';
import { Viewers } from './viewers.ts';

/** A dashboard of the factories it was given. */
export interface Dashboard extends AsyncDisposable {
  /** Where it is, with a slash at its end. */
  readonly path: string;
  /**
   * Answers a request below the base path and says `true`; leaves every other one alone and says `false`. A property, so that it can be
   * handed over as it is.
   */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** What the first page shows. */
  overview(): Overview;
  /** Lets go of everything: viewers, timers, subscriptions. Later requests are answered with 503. Idempotent. */
  close(): Promise<void>;
}

/**
 * Makes a dashboard for a server that is there already.
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { createManagerFactory } from '@watertight/server';
 * import { dashboard } from '@watertight/dashboard';
 *
 * const factory = createManagerFactory({ name: 'chat' });
 * const board = dashboard({ factory, token: process.env.DASHBOARD_TOKEN });
 * const server = createServer((request, response) => {
 *   if (board.handle(request, response)) return;
 *   response.writeHead(404).end();
 * });
 * ```
 *
 * It reads what a factory makes public, and keeps neither the factory nor the process alive.
 * @throws InvalidOptionsError naming every problem at once, one of them that nobody would be asked who they are.
 */
export function dashboard(options: DashboardOptions): Dashboard {
  return new Board(options);
}

class Board implements Dashboard {
  readonly path: string;
  readonly handle: Dashboard['handle'];
  readonly #parts: Parts;
  readonly #ends: EndLog;
  readonly #basePath: string;
  #isClosed = false;

  constructor(given: DashboardOptions) {
    const options = resolveOptions(given);
    const { factories, basePath, onError } = options;
    const alerts = options.alerts === false ? undefined : new AlertLog(factories.values(), options.alerts, onError);
    const looks = new Looks(options, alerts);
    const viewers = new Viewers(options.maxViewers);
    const audit = new Audit();
    this.#ends = new EndLog(factories, options.rememberedEnds);
    const reads = new Reads(factories, this.#ends);
    const desk = new ActionDesk(options.actions, reads, audit);
    const pages = new Pages();
    const isClosed = (): boolean => this.#isClosed;
    this.#parts = { isClosed, options, access: new Access(options), looks, viewers, reads, alerts, audit, desk, pages };
    this.#basePath = basePath;
    this.path = `${basePath}/`;
    this.handle = (request, response) => this.#handle(request, response);
    looks.start(viewers);
  }

  overview(): Overview {
    return this.#parts.looks.current;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#parts.looks.stop();
    this.#parts.viewers.close();
    this.#parts.alerts?.stop();
    this.#ends.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #handle(request: IncomingMessage, response: ServerResponse): boolean {
    const [path = '', search = ''] = splitOnce(urlOf(request), '?');
    const base = this.#basePath;
    if (path !== base && !path.startsWith(`${base}/`)) return false;
    if (this.#isClosed) response.writeHead(503).end();
    else if (path === base && base !== '') redirectTo(response, this.path);
    else void answer(request, response, path.slice(base.length), new URLSearchParams(search), this.#parts);
    return true;
  }
}

/** A framework that mounts us somewhere takes that part off `url` and keeps the whole at `originalUrl`. */
function urlOf(request: IncomingMessage): string {
  const whole = 'originalUrl' in request ? request.originalUrl : undefined;
  return typeof whole === 'string' ? whole : (request.url ?? '');
}

function splitOnce(text: string, at: string): readonly string[] {
  const place = text.indexOf(at);
  return place === -1 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}

/** Addresses within a page are relative, so it has to end with a slash. */
function redirectTo(response: ServerResponse, path: string): void {
  response.writeHead(308, { location: path }).end();
}
