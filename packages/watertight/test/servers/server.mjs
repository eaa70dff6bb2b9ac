// @ts-check
// Small servers with habits, for the black-box tests of the command line: node server.mjs <habit> [argument]
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

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
 * @param {(socket: import('ws').WebSocket) => void} onConnection
 */
function serve(onConnection = () => {}) {
  const server = createServer((_request, response) => void response.end('not a WebSocket\n'));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    onConnection(socket);
  });
  return server;
}

let connectionCount = 0;
const habits = {
  plain: () => listen(serve()),
  http: () => listen(createServer((_request, response) => void response.end('hello\n'))),
  refuse() {
    const server = createServer();
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'));
    listen(server);
  },
  'refuse-after-accept': () => listen(serve((socket) => socket.close(4401, 'who are you \u001b[2J'))),
  'never-listens'() {
    console.log('still loading the model');
    setInterval(() => {}, 1_000);
  },
  exits() {
    console.error('DATABASE_URL is missing \u001b[31m');
    process.exitCode = 7;
  },
  'crashes-after': () =>
    listen(
      serve(() => {
        connectionCount += 1;
        if (connectionCount > Number(argument)) throw new Error(`connection ${connectionCount} was too much`);
      }),
    ),
  takes: () => listen(serve(), Number(argument)),
  stubborn() {
    process.on('SIGTERM', () => console.log('not yet'));
    process.on('SIGINT', () => console.log('not yet'));
    listen(serve());
  },
};
const start = Object.entries(habits).find(([name]) => name === habit)?.[1];
if (start === undefined) throw new Error(`unknown habit ${habit}`);
start();
