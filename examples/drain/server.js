// @ts-check
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createManagerFactory } from '@watertight/server';
import { guard } from '@watertight/server/ws';
import { WebSocketServer } from 'ws';

const windowMs = Number(process.env['DRAIN_WINDOW_MS'] ?? 20_000);

const factory = createManagerFactory();
const wss = new WebSocketServer({ noServer: true });
const server = createServer((request, response) => {
  if (request.url === '/ready') {
    response.writeHead(factory.ready ? 200 : 503).end(factory.stats().state);
  } else if (request.url === '/drain' && request.method === 'POST') {
    // The preStop hook waits for this answer; SIGTERM comes after it, and finds nothing left to do.
    void drain().then((report) => response.end(JSON.stringify(report)));
  } else {
    response.writeHead(404).end();
  }
});

guard(server, wss, {
  factory,
  identify: (request) => new URL(request.url ?? '/', 'http://host').searchParams.get('user'),
});

wss.on('connection', (socket) => {
  socket.on('message', (/** @type {Buffer} */ data) => {
    const said = data.toString();
    const [word, bytes] = said.split(' ');
    socket.send(word === 'fill' ? Buffer.alloc(Number(bytes)) : said);
  });
});

/** Connections to a database or a metrics gateway are closed here: after the last session that may use them. */
const closeLast = [
  function store() {
    console.log('drain: the store is closed');
  },
  function metrics() {
    const { total } = factory.stats().released;
    console.log(`drain: metrics are flushed, ${total} sessions released`);
  },
];

/** Whoever asks first begins; the others wait for the same report. */
function drain() {
  return factory.drain({ windowMs, closeLast });
}

/** Until then the port stays open: probes and newcomers get an answer. */
async function stop() {
  const { closed, hardStopped, left, refused, durationMs } = await drain();
  console.log(
    `drain: ${closed} closed, ${hardStopped} hard stopped, ${left} left, ${refused} refused in ${Math.round(durationMs)} ms`,
  );
  server.close();
  server.closeAllConnections();
  // A worker's channel to its primary would keep it alive.
  if (cluster.isWorker) process.disconnect();
}

process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (typeof address === 'object' && address !== null) console.log(`drain: http://127.0.0.1:${address.port}`);
