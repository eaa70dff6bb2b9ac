// @ts-check
// `node remembers-silent.mjs copy|dictionary|objects|nobody`: of each peer that did not answer a ping something stays that is no object, in a list that is made
// anew each time or under a key, or an object, or nothing does.
import { WebSocketServer } from 'ws';
import { endSilent } from './heartbeat.mjs';

/** @type {readonly number[]} */
let lost = [];
/** @type {Record<string, boolean>} */
const lostByName = {};
class Absence {
  /** @param {number} number */
  constructor(number) {
    this.number = number;
    this.sinceMs = Date.now();
  }

  get isLong() {
    return Date.now() - this.sinceMs > 60_000;
  }
}
/** @type {Set<Absence>} */
const absences = new Set();
/** @param {number} number */
const miss = (number) => absences.add(new Absence(number));

let count = 0;
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('connection', (socket) => {
  count += 1;
  const number = count;
  socket.on('error', () => undefined);
  socket.on('message', (data) => socket.send(data));
  endSilent(socket, () => {
    if (process.argv[2] === 'copy') lost = [...lost, number];
    if (process.argv[2] === 'objects') miss(number);
    if (process.argv[2] === 'dictionary') lostByName[`client ${number}`] = true;
  });
});
server.on('listening', () => console.log(`${lost.length + absences.size + Object.keys(lostByName).length} lost`));
