// Routes are compiled when they are first used.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const ROUTES = 120;
const compiled = new Map();

function routeOf(name) {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const pattern = new RegExp(`^/${name}/(?<id>\\d+)(?:/(?<action>[a-z]+))?$`, 'u');
  const route = { pattern, handle: (id, action = 'show') => `${action} ${name} ${id}` };
  compiled.set(name, route);
  return route;
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const number = Number(data);
    const name = `thing-${number % ROUTES}`;
    const route = routeOf(name);
    const { id, action } = route.pattern.exec(`/${name}/${number}`)?.groups ?? {};
    socket.send(route.handle(id, action));
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
