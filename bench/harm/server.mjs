// An echo server with as much on its heap as it is told: `node server.mjs <records>`; says its port.
import { WebSocketServer } from 'ws';

const records = Number(process.argv[2] ?? 0);
const ballast = Array.from({ length: records }, (_, id) => ({
  id,
  tags: [id, id + 1],
  nested: { x: id * 1.5, label: `l${id % 100}` },
}));
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
server.on('listening', () => console.log(server.address().port));
setInterval(() => ballast.length, 60_000);
