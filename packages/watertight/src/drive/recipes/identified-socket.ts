import { WebSocket } from 'ws';
import { offer } from '../placement.ts';
import type { Life } from './types.ts';

/** The WebSocket class for a client library that takes one: every handshake carries the identity of the life. */
export function socketClassOf(life: Life): new (url: string | URL, protocols?: string | string[]) => WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols: string | string[] = []) {
      super(url, offer([protocols].flat(), life.protocols), { headers: life.headers, perMessageDeflate: false });
    }
  };
}

/**
 * What an identity that is a message says in protocols that have a place of their own for it: connection parameters, `auth`,
 * `CONNECT` headers.
 *
 * @throws Error when the message is no JSON object.
 */
export function credentialsOf(life: Life): Record<string, unknown> {
  if (life.firstMessage === undefined) return {};
  const object = objectIn(life.firstMessage);
  if (object !== undefined) return object;
  throw new Error(`this protocol takes who it is from a JSON object; --user message: says ${life.firstMessage}`);
}

/** The JSON object in a text, if it is one. */
export function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
