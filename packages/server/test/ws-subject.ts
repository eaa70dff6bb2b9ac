import { type IncomingMessage, type Server, createServer } from 'node:http';
import { type VerifyClientCallbackAsync, type WebSocket, WebSocketServer } from 'ws';
import { guard } from '../src/adapters/ws.ts';
import type { Manager } from '../src/manager.ts';
import { type Hook, type Subject, canEverything, refusalByClose, webSocketSpeech } from './conformance-kit.ts';
import { userOf } from './guarded-server.ts';

/** The asynchronous form of `verifyClient`. */
export function verifyBy(hook: Hook | undefined): VerifyClientCallbackAsync | undefined {
  if (hook === undefined) return undefined;
  return ({ req }, answer) =>
    void hook(userOf(req)).then(
      () => answer(true),
      () => answer(false, 403),
    );
}

/** The adapter for `ws`, at an HTTP server of any kind. */
export function wsSubject(
  name: string,
  { makeServer = createServer, refusal = 'http' }: { makeServer?: () => Server; refusal?: 'http' | 'close' } = {},
): Subject {
  return {
    name,
    can: canEverything,
    waits: { behind: 'verifyClient' },
    speech: refusal === 'http' ? webSocketSpeech : { ...webSocketSpeech, refusal: refusalByClose },
    serve: (
      factory,
      { identify = (user) => user, message = (_manager, text) => `echo ${text}`, began, hooks, ...options },
    ) => {
      const server = makeServer();
      const wss = new WebSocketServer({ noServer: true, verifyClient: verifyBy(hooks?.behind) });
      wss.on('connection', (webSocket: WebSocket, _request: IncomingMessage, manager: Manager) => {
        began?.(manager, (text) => webSocket.send(text));
        webSocket.on('message', (data: Buffer) => webSocket.send(message(manager, String(data))));
      });
      const guarding = guard(server, wss, {
        factory,
        identify: (request) => identify(userOf(request)),
        refusal,
        ...options,
      });
      return { server, guard: guarding, close: () => wss.close() };
    },
  };
}
