// @ts-check
// Connections that no kernel carries: bytes go from one object to another, in the process of the server. What is left is HTTP, `ws`, the
// guard and the application, so that a difference of a microsecond shows. The client's side costs every kind of server the same.
import { Duplex } from 'node:stream';
import { request, CLOSE, ECHO_BYTES, MESSAGE } from './bytes.mjs';

/** @import { Server } from 'node:http' */

const USER_COUNT = 1000;
const AT_ONCE = 20;

/** The server's end. It has of a `net.Socket` what Node's HTTP server and `ws` ask it for. */
class MemorySocket extends Duplex {
  remoteAddress = '127.0.0.1';
  remoteFamily = 'IPv4';
  /** What the client does with what it is sent. @type {(bytes: number) => void} */
  onBytes = () => undefined;

  constructor() {
    super({ allowHalfOpen: true, emitClose: true });
  }

  /** @override */
  _read() {}

  /** @override @param {Buffer} chunk @param {BufferEncoding} _encoding @param {(error?: Error | null) => void} done */
  _write(chunk, _encoding, done) {
    done();
    this.onBytes(chunk.length);
  }

  /** Like a kernel's: all of it in one go. @override @param {{ chunk: Buffer }[]} chunks @param {(error?: Error | null) => void} done */
  _writev(chunks, done) {
    done();
    let bytes = 0;
    for (const { chunk } of chunks) bytes += chunk.length;
    this.onBytes(bytes);
  }

  /** The client ends when the server does. @override @param {(error?: Error | null) => void} done */
  _final(done) {
    done();
    this.receive(null);
  }

  /** As bytes come from a kernel: not in the midst of what the server is doing. @param {Buffer | null} bytes */
  receive(bytes) {
    setImmediate(() => {
      if (!this.readableEnded && !this.destroyed) this.push(bytes);
    });
  }

  setTimeout() {
    return this;
  }
  setNoDelay() {
    return this;
  }
  setKeepAlive() {
    return this;
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  destroySoon() {
    if (this.writableFinished) this.destroy();
    else {
      this.once('finish', () => this.destroy());
      this.end();
    }
  }
  resetAndDestroy() {
    return this.destroy();
  }
}

let opened = 0;

/** @param {Server} server */
function connect(server) {
  opened += 1;
  const socket = new MemorySocket();
  server.emit('connection', socket);
  socket.receive(request(`user-${opened % USER_COUNT}`, opened));
  return socket;
}

/** Opens a connection and closes it by a close frame. @param {Server} server @returns {Promise<void>} */
function cycle(server) {
  return new Promise((resolve, reject) => {
    const socket = connect(server);
    let isAnswered = false;
    socket.onBytes = () => {
      if (isAnswered) return;
      isAnswered = true;
      socket.receive(CLOSE);
    };
    socket.once('close', () => (isAnswered ? resolve() : reject(new Error('the server let go without an answer'))));
  });
}

/** @param {Server} server @param {number} count */
export async function pass(server, count) {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await cycle(server);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Connections that say something and hear it again, as often as asked. */
export class Speakers {
  /** @type {MemorySocket[]} */
  #sockets = [];

  get count() {
    return this.#sockets.length;
  }

  /** @param {Server} server @param {number} count */
  async open(server, count) {
    for (let n = 0; n < count; n += 1) {
      const socket = connect(server);
      await new Promise((resolve) => (socket.onBytes = resolve));
      this.#sockets.push(socket);
    }
  }

  /** @param {number} each how often each speaks */
  async speak(each) {
    await Promise.all(this.#sockets.map((socket) => echo(socket, each)));
  }

  async close() {
    const sockets = this.#sockets;
    this.#sockets = [];
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise((resolve) => {
            socket.onBytes = () => undefined;
            socket.once('close', resolve);
            socket.receive(CLOSE);
          }),
      ),
    );
  }
}

/** @param {MemorySocket} socket @param {number} times @returns {Promise<void>} */
function echo(socket, times) {
  return new Promise((resolve) => {
    let leftBytes = times * ECHO_BYTES;
    let pendingBytes = ECHO_BYTES;
    socket.onBytes = (bytes) => {
      leftBytes -= bytes;
      pendingBytes -= bytes;
      if (leftBytes === 0) resolve();
      else if (pendingBytes === 0) {
        pendingBytes = ECHO_BYTES;
        socket.receive(MESSAGE);
      }
    };
    socket.receive(MESSAGE);
  });
}
