// The profile is loaded, then put into the table. Nobody looks whether somebody is still there.
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';
const profiles = new Map();

class Profile {
  constructor(name) {
    this.name = name;
    this.friends = [];
  }
}

/** A database, say. */
async function load(name) {
  await delay(30);
  return new Profile(name);
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', async function logIn(data) {
    socket.send('one moment');
    const profile = await load(String(data));
    if (isFixed && socket.readyState !== socket.OPEN) return;
    profiles.set(socket, profile);
    socket.send(`welcome, ${profile.name}`);
  });
  socket.on('close', () => profiles.delete(socket));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
