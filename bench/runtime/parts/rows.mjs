// @ts-check
// Several servers side by side, each beside the first: what a part costs, in CPU of the server process for one operation.
import { Child } from './asking.mjs';
import { median, medianWithInterval } from './pairs.mjs';

/** @typedef {{ name: string, child: Child, port: number, micros: number[] }} Row `micros`: server CPU of an operation, one a round */

/** A client and the servers that it uses; all of them are gone after `end()`. */
export class Rows {
  /** @type {Child} */
  client;
  /** @type {Child[]} */
  #children;
  #rounds;
  #warmUps;

  /** @param {Child} client @param {{ readonly rounds: number, readonly warmUps?: number }} size */
  constructor(client, { rounds, warmUps = 3 }) {
    this.client = client;
    this.#children = [client];
    this.#rounds = rounds;
    this.#warmUps = warmUps;
  }

  /** @param {{ readonly rounds: number, readonly warmUps?: number }} size */
  static async start(size) {
    return new Rows(await Child.start('./ws-client.mjs'), size);
  }

  /** @param {string} name @param {readonly string[]} args @param {readonly string[]} [execArgv] @returns {Promise<Row>} */
  async serve(name, args, execArgv) {
    const child = await Child.start('./ws-server.mjs', args, execArgv);
    this.#children.push(child);
    const { port = 0 } = await child.ask('port');
    return { name, child, port, micros: [] };
  }

  /**
   * Server CPU of one operation of each row, round by round, every other round backwards: what drifts hits all alike.
   *
   * @param {readonly Row[]} rows the first is what the others are compared with
   * @param {number} count operations a round
   * @param {(row: Row) => Promise<unknown>} work
   * @param {(row: Row) => Promise<unknown>} [prepare] what comes before it, and is not measured
   */
  async measure(rows, count, work, prepare = async () => undefined) {
    for (let warmUp = 0; warmUp < this.#warmUps; warmUp += 1) {
      for (const row of rows) {
        await prepare(row);
        await work(row);
      }
    }
    for (const row of rows) row.micros = [];
    for (let round = 0; round < this.#rounds; round += 1) {
      for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
        await prepare(row);
        const { cpuMicros: before = NaN } = await row.child.ask('cpu');
        await work(row);
        const { cpuMicros: after = NaN } = await row.child.ask('cpu');
        row.micros.push((after - before) / count);
      }
    }
  }

  async end() {
    await Promise.all(this.#children.map((child) => child.end()));
  }
}

/** Median of the fastest fifth. @param {readonly number[]} micros */
const quick = (micros) => median([...micros].sort((one, other) => one - other).slice(0, Math.ceil(micros.length / 5)));

/**
 * One line a row, each beside the first.
 *
 * @param {string} title
 * @param {readonly Row[]} rows
 * @param {number} [atMost] of the first row
 * @param {readonly Row[]} [controls] those of the rows that it does not hold for
 * @returns {boolean} no row is above it
 */
export function printRows(title, rows, atMost, controls = []) {
  console.log(`\n${title}${atMost === undefined ? '' : `, at most × ${atMost}`}`);
  let isMet = true;
  for (const row of rows) {
    const { name, micros } = row;
    const ratios = micros.map((value, round) => value / (rows[0]?.micros[round] ?? NaN));
    const { median: ratio, low, high } = medianWithInterval(ratios);
    // Other work on the machine disturbs the fastest rounds least.
    const fastest = quick(micros) / quick(rows[0]?.micros ?? []);
    const isOver = atMost !== undefined && ratio > atMost && !controls.includes(row);
    if (isOver) isMet = false;
    console.log(
      `  ${name.padEnd(30)} ${median(micros).toFixed(1).padStart(7)} µs CPU   × ${ratio.toFixed(3)}   ${low.toFixed(3)} … ${high.toFixed(3)}   fastest × ${fastest.toFixed(3)}${isOver ? '   MISSED' : ''}`,
    );
  }
  return isMet;
}
