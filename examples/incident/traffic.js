// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

const READERS = 200;
const GUESTS = 80;
/** Guests come at this pace, and so often does the phone that is on a train lose its connection. */
const GUEST_EVERY_MS = 60;
const PHONE_EVERY_MS = 200;
const STAY_MS = 40;
/** One in so many of the guests who were lost comes back with its ticket, as all were meant to. */
const COMES_BACK = 4;

/** Readers who stay, guests who come and go, and the phone of ada. */
export class Traffic {
  /** Whether connections get lost: who goes then goes without a word. */
  isLossy = false;
  refused = 0;
  #url;
  #isOver = false;
  #guests = 0;
  /** @type {Set<WebSocket>} */
  #sockets = new Set();

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
    for (let number = 0; number < READERS; number += 1) void this.#read(`reader-${number}`);
    void this.#every(GUEST_EVERY_MS, () => this.#visit(`guest-${(this.#guests += 1) % GUESTS}`));
    void this.#every(PHONE_EVERY_MS, () => this.#visit('ada'));
  }

  stop() {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.terminate();
  }

  /** @param {number} ms @param {() => Promise<void>} work */
  async #every(ms, work) {
    while (!this.#isOver) {
      void work();
      await delay(ms);
    }
  }

  /** Comes back whenever the server was away. @param {string} user */
  async #read(user) {
    while (!this.#isOver) {
      await this.#connected(user).ended;
      await delay(100 + Math.random() * 200);
    }
  }

  /** @param {string} user */
  async #visit(user) {
    const { socket, welcomed, ended } = this.#connected(user);
    const ticket = await welcomed;
    if (ticket === undefined) return;
    await delay(STAY_MS);
    if (!this.isLossy) socket.close(1000);
    else socket.terminate();
    await ended;
    if (this.isLossy && user !== 'ada' && this.#guests % COMES_BACK === 0) {
      const again = this.#connected(user, ticket);
      if ((await again.welcomed) !== undefined) again.socket.close(1000);
    }
  }

  /** @param {string} user @param {string} [ticket] */
  #connected(user, ticket = '') {
    const socket = new WebSocket(`${this.#url}/?${new URLSearchParams({ user, ticket }).toString()}`);
    this.#sockets.add(socket);
    const ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.#sockets.delete(socket);
        resolve(undefined);
      });
    });
    /** @type {Promise<string | undefined>} */
    const welcomed = new Promise((resolve) => {
      socket.once('message', (/** @type {Buffer} */ data) => {
        const { ticket: given } = /** @type {{ readonly ticket?: string }} */ (JSON.parse(data.toString()));
        resolve(given);
      });
      socket.once('close', () => resolve(undefined));
    });
    // Whoever is refused, or meets no server, comes again later.
    socket.on('error', (error) => {
      if (error.message.includes('429')) this.refused += 1;
    });
    return { socket, welcomed, ended };
  }
}
