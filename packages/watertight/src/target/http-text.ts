import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { clearTimeout, setTimeout } from 'node:timers';
import { asRequestOptions, type Road } from './road.ts';

const MAX_CHARACTERS = 1024 * 1024;

/**
 * Asks for a page over a connection of its own that ends with the answer. (`fetch` would keep it open for seconds, and the
 * target's sockets are being counted.) `undefined` when there is no answer in time.
 */
export function httpText(
  url: URL,
  timeoutMs: number,
  asked: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly road?: Road | undefined;
  } = {},
): Promise<{ readonly status: number; readonly text: string } | undefined> {
  return new Promise((resolve) => {
    const client = (url.protocol === 'https:' ? secureRequest : request)(url, {
      ...asRequestOptions(url, asked.road),
      agent: false,
      method: asked.body === undefined ? 'GET' : 'POST',
      headers: { host: url.host, ...asked.headers, connection: 'close' },
    });
    const settle = (answer: { readonly status: number; readonly text: string } | undefined): void => {
      clearTimeout(timer);
      client.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => settle(undefined), timeoutMs);
    client.on('error', () => settle(undefined));
    client.on('upgrade', (_response, socket) => socket.destroy());
    client.on('close', () => settle(undefined));
    client.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_CHARACTERS) settle(undefined);
      });
      response.on('end', () => settle({ status: response.statusCode ?? 0, text }));
    });
    client.end(asked.body);
  });
}
