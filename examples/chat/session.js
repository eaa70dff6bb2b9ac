// @ts-check
import { readMessage } from './messages.js';

/** @import { ChildScope, Manager } from '@watertight/server' */
/** @import { WebSocket } from 'ws' */
/** @import { Rooms } from './rooms.js' */

const MAX_ROOMS_PER_SESSION = 10;
/** Somebody with this much still unread does not read. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * One user at one socket. Everything it acquires is the manager's: when the socket ends, by whatever way, the timer is
 * cleared, the listeners are removed and the rooms are left. Nothing here has to remember it.
 */
export class Session {
  #socket;
  #manager;
  #rooms;
  /** The rooms this session is in; a membership ends with its scope. @type {Map<string, ChildScope>} */
  #memberships = new Map();

  /**
   * @param {WebSocket} socket
   * @param {Manager} manager
   * @param {{ readonly rooms: Rooms, readonly presenceIntervalMs: number }} chat
   */
  constructor(socket, manager, { rooms, presenceIntervalMs }) {
    this.#socket = socket;
    this.#manager = manager;
    this.#rooms = rooms;
    manager.listen(socket, 'message', (/** @type {Buffer} */ data) => this.#receive(data.toString()));
    manager.every(presenceIntervalMs, () => this.#sendPresence());
  }

  get user() {
    return this.#manager.user;
  }

  /** @param {string} room */
  join(room) {
    if (this.#memberships.has(room)) return;
    if (this.#memberships.size >= MAX_ROOMS_PER_SESSION) {
      this.#sendProblem(`You are in ${MAX_ROOMS_PER_SESSION} rooms already; leave one first`);
      return;
    }
    const membership = this.#manager.child();
    this.#memberships.set(room, membership);
    this.#rooms.enter(room, this, membership, (text) => this.#send(text));
    this.#sendPresenceIn(room);
  }

  /** @param {string} room */
  async #leave(room) {
    const membership = this.#memberships.get(room);
    this.#memberships.delete(room);
    await membership?.close('left the room');
  }

  /** @param {string} text */
  #receive(text) {
    const message = readMessage(text);
    switch (message?.type) {
      case 'join':
        this.join(message.room);
        return;
      case 'leave':
        void this.#leave(message.room);
        return;
      case 'say':
        this.#say(message.room, message.text);
        return;
      case undefined:
        this.#sendProblem('Say { type: join | leave | say, room, text }');
    }
  }

  /**
   * @param {string} room
   * @param {string} text
   */
  #say(room, text) {
    if (this.#memberships.has(room)) this.#rooms.publish(room, { type: 'said', room, user: this.user, text });
    else this.#sendProblem(`You are not in ${room}`);
  }

  #sendPresence() {
    for (const room of this.#memberships.keys()) this.#sendPresenceIn(room);
  }

  /** @param {string} room */
  #sendPresenceIn(room) {
    this.#send(JSON.stringify({ type: 'presence', room, users: this.#rooms.usersIn(room) }));
  }

  /** @param {string} message */
  #sendProblem(message) {
    this.#send(JSON.stringify({ type: 'problem', message }));
  }

  /** @param {string} text */
  #send(text) {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNREAD_BYTES) void this.#manager.destroy('too-slow');
    else this.#socket.send(text);
  }
}
