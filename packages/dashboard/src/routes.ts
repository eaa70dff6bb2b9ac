import type { IncomingMessage, ServerResponse } from 'node:http';

import { InvalidOptionsError } from '@watertight/server';

import type { Access, Entry } from './access.ts';
import type { ActionDesk } from './action-desk.ts';
import type { AlertLog } from './alert-log.ts';
import { RefusedRequest, sendError, sendJson } from './answer.ts';
import type { Audit } from './audit.ts';
import type { Looks } from './looks.ts';
import type { ResolvedOptions } from './options.ts';
import { readProblem, writeProblem } from './origin.ts';
import type { Pages } from './pages.ts';
import type { Reads } from './reads.ts';
import { readObject } from './request-body.ts';
import type { Viewers } from './viewers.ts';

/** What the requests are answered from. */
export interface Parts {
  /** Whether the dashboard was closed: whoever was waited for meanwhile is not served any more. */
  isClosed(): boolean;
  readonly options: ResolvedOptions;
  readonly access: Access;
  readonly looks: Looks;
  readonly viewers: Viewers;
  readonly reads: Reads;
  readonly alerts: AlertLog | undefined;
  readonly audit: Audit;
  readonly desk: ActionDesk;
  readonly pages: Pages;
}

interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly entry: Entry & { readonly isIn: true };
}

type Read = (visit: Visit, parts: Parts) => unknown;

/** Requests that read. What they return is the answer; `undefined`: they have answered. */
const READS: Readonly<Record<string, Read>> = {
  overview: (_, { looks }) => looks.current,
  history: (_, { looks }) => looks.history(),
  users: ({ query }, { reads }) => reads.users(query),
  'shared-users': ({ query }, { reads }) => reads.sharedUsers(query),
  user: ({ query }, { reads }) => reads.user(query),
  ends: ({ query }, { reads }) => reads.ends(query),
  alerts: (_, { alerts }) => ({ isWatched: alerts !== undefined, changes: alerts?.changes() ?? [] }),
  actions: (_, { audit }) => audit.newest(),
  'emergency-preview': ({ query }, { reads }) => reads.preview(query),
  session: ({ entry }, { access, desk }) => ({ name: entry.name, access: access.kind, actions: desk.allowedTo(entry) }),
  events: ({ response, request }, { looks, viewers }) => {
    if (viewers.isFull) throw new RefusedRequest(503, 'as many pages are open as this dashboard allows');
    if (request.method === 'HEAD') return {};
    viewers.add(response, looks.current);
    looks.hasten();
    return undefined;
  },
};

/** Answers one request below the base path; `path` is what stands behind it. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: URLSearchParams,
  parts: Parts,
): Promise<void> {
  try {
    if (path.startsWith('/api/')) await answerApi(request, response, path.slice('/api/'.length), query, parts);
    else if (request.method !== 'GET' && request.method !== 'HEAD') throw notAllowed();
    else if (!parts.pages.send(request, response, path)) throw new RefusedRequest(404, 'there is nothing here');
  } catch (error) {
    if (error instanceof RefusedRequest) sendError(response, error.status, error.message);
    else if (error instanceof InvalidOptionsError) sendError(response, 400, error.message);
    else {
      parts.options.onError(error);
      sendError(response, 500, 'the dashboard met an error; the server was told');
    }
  }
}

async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  query: URLSearchParams,
  parts: Parts,
): Promise<void> {
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  const problem = isReading ? readProblem(request) : writeProblem(request);
  if (problem !== undefined) throw new RefusedRequest(403, problem);
  if (!isReading && name === 'session') return await answerSession(request, response, parts);
  const entry = await parts.access.entryOf(request);
  if (!entry.isIn) {
    const challenge = entry.status === 401 && parts.access.kind === 'token' ? { 'www-authenticate': 'Bearer' } : {};
    return sendJson(response, entry.status, { error: entry.message, access: parts.access.kind }, challenge);
  }
  if (parts.isClosed()) throw new RefusedRequest(503, 'the dashboard is closed');
  if (isReading) {
    const read = Object.hasOwn(READS, name) ? READS[name] : undefined;
    if (read === undefined) throw new RefusedRequest(404, 'there is nothing here');
    const found = await read({ request, response, query, entry }, parts);
    if (found !== undefined) sendJson(response, 200, found);
    return;
  }
  if (request.method !== 'POST' || !name.startsWith('actions/')) throw notAllowed();
  sendJson(response, 200, await parts.desk.act(name.slice('actions/'.length), entry, request));
}

/** POST signs in with the token, DELETE signs out. */
async function answerSession(request: IncomingMessage, response: ServerResponse, { access }: Parts): Promise<void> {
  const { cookie } = access;
  if (cookie === undefined) throw new RefusedRequest(404, 'nobody signs in here with a token');
  const isSecure = 'encrypted' in request.socket || request.headers['x-forwarded-proto'] === 'https';
  if (request.method === 'DELETE') return sendJson(response, 200, {}, { 'set-cookie': cookie.clear(isSecure) });
  if (request.method !== 'POST') throw notAllowed();
  const { token } = await readObject(request);
  if (typeof token !== 'string' || !access.knows(token))
    throw new RefusedRequest(401, 'the token is not the one of this dashboard');
  sendJson(response, 200, {}, { 'set-cookie': cookie.issue(Date.now(), isSecure) });
}

const notAllowed = (): RefusedRequest => new RefusedRequest(405, 'this method does nothing here');
