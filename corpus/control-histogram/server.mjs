// Metrics: a bucket is made when something first falls into it, and there are 12 routes × 3 outcomes × 9 buckets.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, Infinity];
const series = new Map();

function observe(labels, durationMs) {
  const key = Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
  const buckets = series.get(key) ?? new Map();
  series.set(key, buckets);
  const bound = BOUNDS_MS.find((one) => durationMs <= one);
  buckets.set(bound, (buckets.get(bound) ?? 0) + 1);
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  const startedAt = performance.now();
  let route = 0;
  socket.on('error', () => {});
  socket.on('message', (data) => {
    route = Number(data) % 12;
    socket.send(`route ${route}`);
  });
  socket.on('close', (code) => {
    const outcome = code === 1_000 || code === 1_005 ? 'ok' : code === 1_006 ? 'lost' : 'error';
    observe({ route: `/${route}`, outcome }, performance.now() - startedAt);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
