// Rendered documents, of which the 600 used last are kept.
import http from 'node:http';
import { LRUCache } from 'lru-cache';
import { WebSocketServer } from 'ws';

const documents = new LRUCache({ max: 600 });

function render(id) {
  const rows = Array.from({ length: 40 }, (_, row) => `<li data-id="${id}">entry ${row} of document ${id}</li>`);
  return { id, html: rows.join('\n'), links: [`${id}/a`, `${id}/b`], renderedAt: new Date() };
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const id = String(data);
    const document = documents.get(id) ?? render(id);
    documents.set(id, document);
    socket.send(document.html);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
