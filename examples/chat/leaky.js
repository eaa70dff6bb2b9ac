// @ts-check
// The same chat on plain ws, written the way such servers usually are. It leaks; README.md says where and why.
import { EventEmitter } from 'node:events';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import { readMessage } from './messages.js';

/** @import { IncomingMessage } from 'node:http' */
/** @import { WebSocket } from 'ws' */

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, 'presence-interval-ms': { type: 'string', default: '10000' } },
});
const presenceIntervalMs = Number(values['presence-interval-ms']);

/** One user at one socket. */
class Seat {
  /** @param {number} id @param {string} user @param {WebSocket} socket */
  constructor(id, user, socket) {
    this.id = id;
    this.user = user;
    this.socket = socket;
    this.onMessage = (/** @type {string} */ text) => this.tell(text);
  }

  /** @param {string} text */
  tell(text) {
    this.socket.send(text);
  }
}

/** Room → connection → seat. @type {Map<string, Map<number, Seat>>} */
const rooms = new Map();
const bus = new EventEmitter().setMaxListeners(0);
let lastId = 0;

const wss = new WebSocketServer({ port: Number(values.port), host: '127.0.0.1', maxPayload: 64 * 1024 });

wss.on('listening', () => {
  const address = wss.address();
  console.log(`chat: ws://127.0.0.1:${typeof address === 'object' ? address?.port : values.port}/?user=<name>`);
});

wss.on('connection', (/** @type {WebSocket} */ socket, /** @type {IncomingMessage} */ request) => {
  const parameters = new URLSearchParams(request.url?.split('?')[1]);
  const user = parameters.get('user');
  if (!user) {
    socket.close(4401, 'who are you?');
    return;
  }
  lastId += 1;
  const seat = new Seat(lastId, user, socket);
  join(parameters.get('room') || 'lobby', seat);

  const presence = setInterval(() => {
    for (const [room, seats] of rooms) if (seats.has(seat.id)) sendPresence(room, seat);
  }, presenceIntervalMs);

  socket.on('message', (/** @type {Buffer} */ data) => {
    const message = readMessage(data.toString());
    if (message?.type === 'join') join(message.room, seat);
    else if (message?.type === 'leave') leave(message.room, seat);
    else if (message?.type === 'say')
      publish(message.room, { type: 'said', room: message.room, user, text: message.text });
    else socket.send(JSON.stringify({ type: 'problem', message: 'Say { type: join | leave | say, room, text }' }));
  });

  socket.on('close', (code) => {
    clearInterval(presence);
    // 1006: the connection was lost, the user did not leave. The seat is kept until the client has reconnected.
    if (code === 1006) return;
    for (const [room, seats] of rooms) if (seats.has(seat.id)) leave(room, seat);
  });

  socket.on('error', (error) => console.error(`${user}: ${error.message}`));
});

/** @param {string} room @param {Seat} seat */
function join(room, seat) {
  const seats = rooms.get(room) ?? /** @type {Map<number, Seat>} */ (new Map());
  rooms.set(room, seats);
  publish(room, { type: 'joined', room, user: seat.user });
  seats.set(seat.id, seat);
  bus.on(room, seat.onMessage);
  sendPresence(room, seat);
}

/** @param {string} room @param {Seat} seat */
function leave(room, seat) {
  rooms.get(room)?.delete(seat.id);
  bus.off(room, seat.onMessage);
  publish(room, { type: 'left', room, user: seat.user });
}

/** @param {string} room @param {object} message */
function publish(room, message) {
  bus.emit(room, JSON.stringify(message));
}

/** @param {string} room @param {Seat} seat */
function sendPresence(room, seat) {
  const users = new Set(Array.from(rooms.get(room)?.values() ?? [], ({ user }) => user));
  seat.tell(JSON.stringify({ type: 'presence', room, users: [...users].sort() }));
}
