// Remembers every connection by a session and forgets none. Compiled while it is loaded, to one line: tsx typed-sessions.ts
import { WebSocketServer, type WebSocket } from 'ws';

interface Said {
  readonly text: string;
}

class Session {
  readonly #said: Said[] = [];
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }

  hear(text: string): void {
    this.#said.push({ text });
  }
}

const sessions = new Map<number, Session>();
const server = new WebSocketServer({ port: Number(process.env['PORT'] ?? 0), host: '127.0.0.1' });
server.on('connection', (socket: WebSocket) => {
  const session = new Session(sessions.size);
  sessions.set(session.number, session);
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    session.hear(data.toString());
    socket.send(data);
  });
});
