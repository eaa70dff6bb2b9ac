// A reverse proxy in front of a service some of whose addresses are no WebSockets (any more).
const { fork } = require('child_process');
const http = require('http');
const path = require('path');
const httpProxy = require('http-proxy');

const backend = fork(path.join(__dirname, 'backend.cjs'));
backend.once('message', ({ port }) => {
  const proxy = httpProxy.createProxyServer({ target: { host: '127.0.0.1', port }, headers: { 'x-from-proxy': '1' } });
  proxy.on('error', () => {});
  const server = http.createServer((request, response) => proxy.web(request, response));
  server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head));
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
});
