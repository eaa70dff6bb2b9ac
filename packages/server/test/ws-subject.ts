import { type IncomingMessage, type Server, createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { guard } from '../src/adapters/ws.ts';
import type { Manager } from '../src/manager.ts';
import { type Subject, canEverything, refusalByClose, webSocketSpeech } from './conformance-kit.ts';
import { userOf } from './guarded-server.ts';

/** The adapter for `ws`, at an HTTP server of any kind. */
export function wsSubject(
  name: string,
  { makeServer = createServer, refusal = 'http' }: { makeServer?: () => Server; refusal?: 'http' | 'close' } = {},
): Subject {
  return {
    name,
    can: canEverything,
    speech: refusal === 'http' ? webSocketSpeech : { ...webSocketSpeech, refusal: refusalByClose },
    serve: (
      factory,
      { identify = (user) => user, message = (_manager, text) => `echo ${text}`, began, ...options },
    ) => {
      const server = makeServer();
      const wss = new WebSocketServer({ noServer: true });
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
