// @ts-check
// Remembers the name of every visitor, and listens for the news on behalf of those that were lost: node two-leaks.mjs leaky|healthy
import { EventEmitter } from 'node:events';
import { WebSocketServer } from 'ws';

const isLeaky = process.argv[2] === 'leaky';
const news = new EventEmitter().setMaxListeners(0);
/** @type {Set<string>} */
const names = new Set();
let visitorCount = 0;

new WebSocketServer({ port: 0, host: '127.0.0.1' }).on('connection', function greet(socket) {
  const name = `guest-${++visitorCount}`;
  names.add(name);
  const onNews = () => socket.send(name.length);
  news.on('headline', onNews);
  socket.on('error', () => {});
  socket.on('close', (code) => {
    // The mistakes: a lost connection closes with 1006, and no name is ever forgotten.
    if (!isLeaky || code !== 1006) news.off('headline', onNews);
    if (!isLeaky) names.delete(name);
  });
});
