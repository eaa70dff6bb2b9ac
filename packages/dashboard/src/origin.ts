import type { IncomingMessage } from 'node:http';

/** A header that no page of another origin can send without asking us first, which we never allow. */
const ACTION_HEADER = 'x-watertight-dashboard';

/** What a browser says about where a request comes from. Whoever is no browser says nothing, and is judged by what it knows. */
function isForeign({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin, host = '' } = headers;
  return origin !== undefined && hostOf(origin) !== host.toLowerCase();
}

/** Why a request that reads is refused, or `undefined`. */
export function readProblem(request: IncomingMessage): string | undefined {
  return isForeign(request) ? 'a page of another origin asked' : undefined;
}

/** Why a request that changes something is refused, or `undefined`. */
export function writeProblem(request: IncomingMessage): string | undefined {
  const { headers } = request;
  if (isForeign(request)) return 'a page of another origin asked';
  if (headers[ACTION_HEADER] === undefined) return `the header ${ACTION_HEADER}: 1 is missing`;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase() === 'application/json' ? undefined : 'the content type must be application/json';
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
