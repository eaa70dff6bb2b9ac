// Twenty users; what is known about them is kept.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const known = new Map();

class Profile {
  constructor(name) {
    this.name = name;
    this.visits = 0;
    this.settings = { theme: 'dark', language: 'en', notifications: [true, false, true] };
  }
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket, request) => {
  const name = request.url;
  const profile = known.get(name) ?? new Profile(name);
  known.set(name, profile);
  profile.visits += 1;
  socket.on('error', () => {});
  socket.on('message', () => socket.send(`visit ${profile.visits}`));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
