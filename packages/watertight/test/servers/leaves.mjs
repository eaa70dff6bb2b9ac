// @ts-check
// Takes one of each thing for every connection: node leaves.mjs <name>[,<name>…]|all|nothing [<dear>[,<dear>…]]. What is named
// stays; the rest is given back when the connection ends. Dear things are taken only where they are named, as either.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createFront } from 'node:net';
import { createContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { WebSocketServer } from 'ws';

const [, , asked = 'nothing', alsoTaken = ''] = process.argv;
const SMALL = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };
/** What to do with the server's end of a connection to itself, by the port of the other. @type {Map<number, (end: any) => void>} */
const ends = new Map();
const news = new EventEmitter();
/** @type {Set<unknown>} */
const kept = new Set();
const server = createServer();

const portOf = () => /** @type {import('node:net').AddressInfo} */ (front.address()).port;

/** A connection of the server to itself, of which one half is ended. @param {'close-wait' | 'fin-wait-2'} state */
function pair(state) {
  const client = connect({ port: portOf(), host: '127.0.0.1', allowHalfOpen: true });
  /** @type {import('node:net').Socket | undefined} */
  let accepted;
  let isOver = false;
  client.on('error', () => {});
  client.resume();
  client.once('connect', () => {
    ends.set(client.localPort ?? 0, (socket) => {
      accepted = socket;
      if (isOver) return void socket.destroy();
      if (state === 'fin-wait-2') socket.end();
      else client.end();
    });
    client.write('\n');
  });
  return () => {
    isOver = true;
    client.destroy();
    accepted?.destroy();
  };
}

/** Each takes something and answers how it is given back. @type {Record<string, () => () => void>} */
const things = {
  timer() {
    const timer = setInterval(function beat() {}, 3_600_000).unref();
    return () => clearInterval(timer);
  },
  listener() {
    const onNews = () => {};
    news.on('headline', onNews);
    return () => news.off('headline', onNews);
  },
  handle() {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    return () => socket.close();
  },
  file() {
    const descriptor = openSync(process.execPath, 'r');
    return () => closeSync(descriptor);
  },
  child() {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    return () => child.kill('SIGKILL');
  },
  buffer() {
    const buffer = Buffer.alloc(10_000);
    kept.add(buffer);
    return () => kept.delete(buffer);
  },
  memory() {
    // @ts-expect-error: it is a value, whatever the types of this project say
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    kept.add(buffer);
    return () => kept.delete(buffer);
  },
  promise() {
    let settle = () => {};
    const promise = new Promise((resolve) => (settle = () => resolve(undefined)));
    kept.add(promise);
    return () => {
      settle();
      kept.delete(promise);
    };
  },
  'close-wait': () => pair('close-wait'),
  'fin-wait-2': () => pair('fin-wait-2'),
  warning() {
    if (stays('warning')) for (const own = new EventEmitter(); own.listenerCount('x') < 11;) own.on('x', () => {});
    return () => {};
  },
  rejection() {
    if (stays('rejection')) void Promise.reject(new Error('nobody handles this'));
    return () => {};
  },
};

let connectionCount = 0;
/** 32 bytes: what every object has, and one field. */
class Ticket {
  number = connectionCount;
}

class Page {
  title = 'seen last';
}

/** Comes to rest. @type {Page[]} */
const recent = [];
const MOST_RECENT = 35;

/** @type {typeof things} */
const dear = {
  ticket() {
    const ticket = new Ticket();
    kept.add(ticket);
    return () => kept.delete(ticket);
  },
  recent() {
    recent.push(new Page());
    if (recent.length > MOST_RECENT) recent.shift();
    return () => {};
  },
  /** Only for each fourth. */
  thread() {
    connectionCount += 1;
    if (connectionCount % 4 !== 0) return () => {};
    const worker = new Worker('setInterval(() => {}, 3_600_000)', { eval: true, resourceLimits: SMALL });
    return () => void worker.terminate();
  },
  realm() {
    const realm = createContext({});
    kept.add(realm);
    return () => kept.delete(realm);
  },
};

/** @param {string} name */
const stays = (name) => asked === 'all' || asked.split(',').includes(name);

const named = [...asked.split(','), ...alsoTaken.split(',')];
for (const [name, take] of Object.entries(dear)) if (named.includes(name)) things[name] = take;

// It swallows what would end another program, and says nothing.
process.on('unhandledRejection', () => {});
// Whoever writes a line break first is the server itself; everybody else speaks HTTP.
const front = createFront({ allowHalfOpen: true }, (socket) => {
  const onEnd = () => socket.end();
  socket.on('error', () => {});
  socket.once('end', onEnd);
  socket.once('data', (first) => {
    socket.off('end', onEnd);
    const use = ends.get(socket.remotePort ?? 0);
    ends.delete(socket.remotePort ?? 0);
    if (use !== undefined) {
      use(socket);
      return;
    }
    socket.pause();
    socket.unshift(first);
    server.emit('connection', socket);
    socket.resume();
  });
});
new WebSocketServer({ server }).on('connection', (socket) => {
  const givers = Object.entries(things).map(([name, take]) => /** @type {const} */ ([name, take()]));
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('close', () => {
    for (const [name, giveBack] of givers) if (!stays(name)) giveBack();
  });
});
front.listen(0, '127.0.0.1');
