// @ts-check
// The other users: they hold their connections and send at a fixed pace, whether or not the last echo has come back.
import { setTimeout as wait } from 'node:timers/promises';
import { answer } from '../../runtime/parts/answering.mjs';
import { loopWatch } from './loop-watch.mjs';
import { dial, frame, open } from './wire.mjs';

/** @import { Socket } from 'node:net' */

const EVERY_MS = 100;
const LAST_ECHO_WITHIN_MS = 5000;
const PAYLOAD_BYTES = 16;
/** A header of two bytes and the payload: what a server sends is not masked. */
const ECHO_BYTES = 2 + PAYLOAD_BYTES;
const BINARY_BYTE = 0x82;

/** @type {Socket[]} */
let sockets = [];
/** @type {number[]} */
let latenciesMs = [];
let sent = 0;
let lost = 0;

/** @param {Socket} socket */
function listen(socket) {
  /** @type {Buffer} */
  let buffered = Buffer.alloc(0);
  socket.on('data', (/** @type {Buffer} */ chunk) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    while (buffered.length >= 2) {
      const isEcho = buffered[0] === BINARY_BYTE;
      const bytes = 2 + ((buffered[1] ?? 0) & 0x7f);
      if (buffered.length < bytes) return;
      if (isEcho && bytes === ECHO_BYTES) latenciesMs.push(performance.now() - buffered.readDoubleBE(2));
      buffered = buffered.subarray(bytes);
    }
  });
  socket.once('close', () => {
    lost += 1;
  });
}

/** @param {Socket} socket */
function send(socket) {
  if (socket.destroyed) return;
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  payload.writeDoubleBE(performance.now());
  socket.write(frame(2, payload));
  sent += 1;
}

/** @param {number} share */
const percentile = (share) => latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? NaN; // prettier-ignore

answer({
  ...loopWatch,
  async connect({ port, count }) {
    for (let number = 0; number < Number(count); number += 1) {
      const socket = dial(Number(port));
      // Ten of a user: what the storm does to users it does to none of these.
      if (!(await open(socket, `steady-${number % Math.ceil(Number(count) / 10)}`))) throw new Error('a steady client was refused'); // prettier-ignore
      listen(socket);
      sockets.push(socket);
    }
    return {};
  },
  /** Sends for so long, each socket at its own moment, and answers how long the echoes took. */
  async talk({ ms }) {
    [latenciesMs, sent, lost] = [[], 0, 0];
    const untilMs = performance.now() + Number(ms);
    await Promise.all(
      sockets.map(
        (socket, number) =>
          new Promise((resolve) => {
            let dueAtMs = performance.now() + (EVERY_MS * number) / sockets.length;
            const next = () => {
              if (dueAtMs >= untilMs) return resolve(undefined);
              setTimeout(
                () => {
                  send(socket);
                  dueAtMs += EVERY_MS;
                  next();
                },
                Math.max(0, dueAtMs - performance.now()),
              );
            };
            next();
          }),
      ),
    );
    const endedAtMs = performance.now();
    while (latenciesMs.length < sent && performance.now() - endedAtMs < LAST_ECHO_WITHIN_MS) await wait(5);
    latenciesMs.sort((one, other) => one - other);
    const [p50Ms, p99Ms, maxMs] = [percentile(0.5), percentile(0.99), percentile(1)];
    return { sent, echoed: latenciesMs.length, lost, p50Ms, p99Ms, maxMs };
  },
  leave() {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    return {};
  },
});
