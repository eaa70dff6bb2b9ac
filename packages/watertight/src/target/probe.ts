import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { clearTimeout, setTimeout } from 'node:timers';
import { httpText } from './http-text.ts';
import { asRequestOptions, type Road } from './road.ts';

/** What a port said to a WebSocket upgrade request. */
export type Probe =
  /** `protocol`: the subprotocol the server chose; empty when none. */
  | { readonly kind: 'websocket'; readonly status: number; readonly protocol: string }
  /** `location`: where it sends on to. */
  | { readonly kind: 'http'; readonly status: number; readonly location?: string | undefined }
  | { readonly kind: 'not-http' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'unreachable'; readonly code: string };

const SWITCHING_PROTOCOLS = 101;
/** A whole masked close frame without a code: the polite way out of a connection nobody wanted. */
const CLOSE_FRAME = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);
const FAREWELL_MS = 200;

/**
 * Asks a port for a WebSocket upgrade. 101 is a yes; a refusal (4xx, 5xx) is an answer of a server that knows upgrades or
 * wants to know who asks; 2xx and 3xx come from a web server that did not notice the question.
 */
export function probeUpgrade(
  url: URL,
  timeoutMs: number,
  headers: Readonly<Record<string, string>> = {},
  road?: Road,
): Promise<Probe> {
  const isSecure = url.protocol === 'wss:' || url.protocol === 'https:';
  const asked = new URL(url);
  asked.protocol = isSecure ? 'https:' : 'http:';
  return new Promise((resolve) => {
    const client = (isSecure ? secureRequest : request)(asked, {
      ...asRequestOptions(asked, road),
      agent: false,
      timeout: timeoutMs,
      headers: {
        host: asked.host,
        ...headers,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      },
    });
    const settle = (probe: Probe): void => {
      clearTimeout(timer);
      resolve(probe);
      client.destroy();
    };
    const timer = setTimeout(() => settle({ kind: 'silent' }), timeoutMs);
    client.on('upgrade', (response, socket) => {
      clearTimeout(timer);
      const farewell = setTimeout(() => socket.destroy(), FAREWELL_MS);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        clearTimeout(farewell);
        settle({
          kind: 'websocket',
          status: response.statusCode ?? SWITCHING_PROTOCOLS,
          protocol: response.headers['sec-websocket-protocol'] ?? '',
        });
      });
      socket.end(CLOSE_FRAME);
      socket.resume();
    });
    client.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      const { location } = response.headers;
      settle(status >= 400 ? { kind: 'websocket', status, protocol: '' } : { kind: 'http', status, location });
    });
    client.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message;
      settle(code.startsWith('HPE_') ? { kind: 'not-http' } : { kind: 'unreachable', code });
    });
    client.end();
  });
}

/** Whether a port is a DevTools inspector: it answers upgrades too, and is not what we look for. */
export async function isInspector(host: string, port: number): Promise<boolean> {
  const authority = host.includes(':') ? `[${host}]` : host;
  const answer = await httpText(new URL(`http://${authority}:${port}/json/version`), 500);
  return answer?.text.includes('Protocol-Version') ?? false;
}

/** What a probe found, for a message. */
export function describeProbe(probe: Probe): string {
  switch (probe.kind) {
    case 'http':
      if (probe.location !== undefined)
        return `it answered the upgrade request with HTTP ${probe.status}, sent on to ${probe.location}`;
      return `it answered the upgrade request with HTTP ${probe.status}`;
    case 'websocket':
      return `it answered the upgrade request with HTTP ${probe.status}`;
    case 'not-http':
      return 'it does not speak HTTP';
    case 'silent':
      return 'it gave no answer to the upgrade request';
    case 'unreachable':
      return `the connection failed (${probe.code})`;
  }
}
