// A web service that asks an Ethereum node over WebSocket, with a provider for each request that is destroyed afterwards.
const http = require('http');
const ethers = require('ethers');
const WebSocket = require('ws');

const WebSocketProvider = ethers.WebSocketProvider ?? ethers.providers.WebSocketProvider;

const server = http.createServer((request, response) => response.end('ok'));
const node = standInForANode();
const front = new WebSocket.Server({ noServer: true });
front.on('connection', async (socket) => {
  socket.on('error', () => {});
  const provider = new WebSocketProvider(`ws://127.0.0.1:${server.address().port}/node`);
  const block = await provider.getBlockNumber();
  socket.send(JSON.stringify({ block: Number(block) }));
  await provider.destroy();
});
server.on('upgrade', (request, socket, head) => {
  const taker = request.url.startsWith('/node') ? node : front;
  taker.handleUpgrade(request, socket, head, (accepted) => taker.emit('connection', accepted, request));
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');

function standInForANode() {
  const chain = new WebSocket.Server({ noServer: true });
  chain.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (message) => {
      for (const { id, method } of [JSON.parse(message)].flat()) {
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: method === 'net_version' ? '1' : '0x1' }));
      }
    });
  });
  return chain;
}
