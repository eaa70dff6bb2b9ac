// A journal for every connection. Nothing on the heap: what leaks is a number.
import { closeSync, openSync, writeSync } from 'node:fs';
import http from 'node:http';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';

function openJournal() {
  return openSync('/dev/null', 'a');
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  const journal = openJournal();
  socket.on('error', () => {});
  socket.on('message', (data) => {
    writeSync(journal, data);
    socket.send('noted');
  });
  socket.on('close', () => {
    if (isFixed) closeSync(journal);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
