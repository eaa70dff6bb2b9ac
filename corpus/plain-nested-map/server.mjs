// User to tab to state. There are four users; what grows is inside.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';

class Tab {
  constructor(number) {
    this.number = number;
    this.scrolledTo = 0;
  }
}

const tabsOfUser = new Map();
let sequence = 0;

function openTab(user) {
  sequence += 1;
  if (!tabsOfUser.has(user)) tabsOfUser.set(user, new Map());
  tabsOfUser.get(user).set(sequence, new Tab(sequence));
  return sequence;
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket, request) => {
  const user = request.url;
  const number = openTab(user);
  socket.on('error', () => {});
  socket.on('message', () => socket.send(`${user} has ${tabsOfUser.get(user).size} tabs open`));
  socket.on('close', () => {
    if (isFixed) tabsOfUser.get(user).delete(number);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
