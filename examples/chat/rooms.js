// @ts-check
import { EventEmitter } from 'node:events';

/** @import { Scope } from '@watertight/server' */

/** The one event on the bus of a room; it carries a message as it goes over the wire. */
const MESSAGE = 'message';

/** What somebody in a room is: one session of a user. @typedef {{ readonly user: string }} Member */

class Room {
  /** @type {Set<Member>} */
  members = new Set();
  bus = new EventEmitter().setMaxListeners(0);

  /** @param {string} user */
  has(user) {
    for (const member of this.members) if (member.user === user) return true;
    return false;
  }
}

/** All rooms that somebody is in. A room comes with its first member and goes with its last. */
export class Rooms {
  /** @type {Map<string, Room>} */
  #rooms = new Map();

  get size() {
    return this.#rooms.size;
  }

  /**
   * Who is in a room, each user once.
   *
   * @param {string} name
   * @returns {string[]}
   */
  usersIn(name) {
    const members = this.#rooms.get(name)?.members ?? [];
    return [...new Set(Array.from(members, ({ user }) => user))].sort();
  }

  /**
   * Puts a member into a room for as long as `scope` lives. Seat and subscription belong to the scope, so leaving is
   * closing it, and whoever is lost on the way leaves just like one who says goodbye.
   *
   * @param {string} name
   * @param {Member} member
   * @param {Scope} scope
   * @param {(text: string) => void} deliver called with everything that is published in the room
   */
  enter(name, member, scope, deliver) {
    const room = this.#rooms.get(name) ?? new Room();
    this.#rooms.set(name, room);
    // A second tab is nobody new.
    if (!room.has(member.user)) this.publish(name, { type: 'joined', room: name, user: member.user });
    room.members.add(member);
    scope.defer(() => this.#leave(name, room, member), { name: `leave ${name}` });
    scope.listen(room.bus, MESSAGE, deliver);
  }

  /**
   * @param {string} name
   * @param {object} message
   */
  publish(name, message) {
    this.#rooms.get(name)?.bus.emit(MESSAGE, JSON.stringify(message));
  }

  /**
   * @param {string} name
   * @param {Room} room
   * @param {Member} member
   */
  #leave(name, room, member) {
    room.members.delete(member);
    if (room.members.size === 0) this.#rooms.delete(name);
    else if (!room.has(member.user)) this.publish(name, { type: 'left', room: name, user: member.user });
  }
}
