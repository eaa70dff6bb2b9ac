// @ts-check
// Small servers with habits, for the black-box tests of the command line: node server.mjs <habit> [argument]
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { endSilent } from './heartbeat.mjs';

const [habit = '', argument = ''] = process.argv.slice(2);
const pidFile = process.env['PID_FILE'];
if (pidFile) writeFileSync(pidFile, String(process.pid));

/** @param {import('node:http').Server} server */
function listen(server, port = 0) {
  server.listen(port, '127.0.0.1', () => console.log('ready on', server.address()));
}

/**
 * Echoes, answers pings, keeps nothing.
 *
 * @param {(socket: import('ws').WebSocket, request: import('node:http').IncomingMessage) => void} onConnection
 * @param {(openCount: number) => number} refusal The HTTP status that whoever comes is refused with; 0 where nobody is.
 */
function serve(onConnection = () => {}, refusal = () => 0) {
  const server = createServer((_request, response) => void response.end('not a WebSocket\n'));
  const sockets = new WebSocketServer({
    server,
    verifyClient: (_request, answer) => {
      const status = refusal(sockets.clients.size);
      answer(status === 0, status);
    },
  });
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    onConnection(socket, request);
  });
  return server;
}

let connectionCount = 0;
const habits = {
  plain: () => listen(serve()),
  'ends-silent': () => listen(serve((socket) => endSilent(socket))),
  http: () => listen(createServer((_request, response) => void response.end('hello\n'))),
  refuse() {
    const server = createServer();
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'));
    listen(server);
  },
  'refuse-with-words'() {
    const server = createServer();
    const words = 'the subprotocol chat is needed';
    const head = `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: ${words.length}\r\n\r\n`;
    server.on('upgrade', (_request, socket) => socket.end(head + words));
    listen(server);
  },
  'refuse-after-accept': () => listen(serve((socket) => socket.close(4401, 'who are you \u001b[2J'))),
  'refuse-later': () => listen(serve((socket) => void setTimeout(() => socket.close(4401, 'unknown token'), 50))),
  'never-listens'() {
    console.log('still loading the model');
    setInterval(() => {}, 1_000);
  },
  exits() {
    console.error('DATABASE_URL is missing \u001b[31m');
    process.exitCode = 7;
  },
  'hears-no-error': () => listen(serve((socket) => socket.removeAllListeners('error'))),
  'crashes-after': () =>
    listen(
      serve(() => {
        connectionCount += 1;
        if (connectionCount > Number(argument)) throw new Error(`connection ${connectionCount} was too much`);
      }),
    ),
  takes: () => listen(serve(), Number(argument)),
  /** So many of a user: the next one takes the place of the oldest. */
  'newest-wins'() {
    /** @type {Map<string, import('ws').WebSocket[]>} */
    const socketsOf = new Map();
    listen(
      serve((socket, { url = '/' }) => {
        const user = new URL(url, 'ws://localhost').searchParams.get('user') ?? '';
        const others = (socketsOf.get(user) ?? []).filter((other) => other.readyState === other.OPEN);
        socketsOf.set(user, [...others, socket]);
        if (others.length >= Number(argument)) others[0]?.close(4000, 'opened elsewhere');
      }),
    );
  },
  /** So many a second, and no more. */
  'rate-limited'() {
    let left = Number(argument);
    setInterval(() => (left = Number(argument)), 1_000);
    listen(serve(undefined, () => (left-- > 0 ? 0 : 429)));
  },
  /** So many at a time, whoever they are. */
  full: () => listen(serve(undefined, (openCount) => (openCount < Number(argument) ? 0 : 429))),
  /** The same, as one who is not to be excused. */
  'fails-when-full': () => listen(serve(undefined, (openCount) => (openCount < Number(argument) ? 0 : 500))),
  /** Whoever has said nothing by then is let go of. */
  'waits-for-a-word'() {
    const goAfter = (/** @type {import('ws').WebSocket} */ socket) => {
      const timer = setTimeout(() => socket.close(4001, 'say who you are'), 150);
      for (const event of ['message', 'close']) socket.once(event, () => clearTimeout(timer));
    };
    listen(serve(goAfter));
  },
  /** Whoever came first goes when there are more than so many. */
  'makes-room'() {
    /** @type {import('ws').WebSocket[]} */
    const open = [];
    const add = (/** @type {import('ws').WebSocket} */ socket) => {
      open.push(socket);
      if (open.length > Number(argument)) open.shift()?.close(4001, 'say who you are');
      socket.once('close', () => open.includes(socket) && open.splice(open.indexOf(socket), 1));
    };
    listen(serve(add));
  },
  stubborn() {
    process.on('SIGTERM', () => console.log('not yet'));
    process.on('SIGINT', () => console.log('not yet'));
    listen(serve());
  },
};
const start = Object.entries(habits).find(([name]) => name === habit)?.[1];
if (start === undefined) throw new Error(`unknown habit ${habit}`);
start();
