// @ts-check
// Several servers side by side, each beside the first: what a part costs, in CPU of the server process for one operation.
import { Child } from './asking.mjs';
import { median, medianOverStarts, shuffler } from './pairs.mjs';

/** @typedef {{ readonly name: string, readonly child: Child, readonly port: number }} Row */
/**
 * What was measured of a row: server CPU of an operation, one a round, by start of the processes.
 *
 * @typedef {{ readonly name: string, readonly starts: readonly (readonly number[])[] }} Taken
 */

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
    return { name, child, port };
  }

  /**
   * Server CPU of one operation of each row, round by round, each time in an order of its own: what drifts hits all alike, and what comes
   * back at intervals, such as a collection of garbage, hits none more than another.
   *
   * @param {readonly Row[]} rows the first is what the others are compared with
   * @param {number} count operations a round
   * @param {(row: Row) => Promise<unknown>} work
   * @param {(row: Row) => Promise<unknown>} [prepare] what comes before it, and is not measured
   * @param {number} [rounds] default: those of this bench
   * @returns {Promise<Taken[]>}
   */
  async measure(rows, count, work, prepare = async () => undefined, rounds = this.#rounds) {
    for (let warmUp = 0; warmUp < this.#warmUps; warmUp += 1) {
      for (const row of rows) {
        await prepare(row);
        await work(row);
      }
    }
    const taken = rows.map((row) => ({ row, micros: /** @type {number[]} */ ([]) }));
    const shuffle = shuffler();
    for (let round = 0; round < rounds; round += 1) {
      for (const { row, micros } of shuffle(taken)) {
        await prepare(row);
        const { cpuMicros: before = NaN } = await row.child.ask('cpu');
        await work(row);
        const { cpuMicros: after = NaN } = await row.child.ask('cpu');
        micros.push((after - before) / count);
      }
    }
    return taken.map(({ row, micros }) => ({ name: row.name, starts: [micros] }));
  }

  async end() {
    await Promise.all(this.#children.map((child) => child.end()));
  }
}

/** The same rows in several starts of their processes. @param {readonly (readonly Taken[])[]} starts @returns {Taken[]} */
export function joined(starts) {
  return (starts[0] ?? []).map(({ name }, index) => ({
    name,
    starts: starts.flatMap((taken) => taken[index]?.starts ?? []),
  }));
}

/** CPU of an operation, over all rounds. @param {Taken | undefined} taken */
export const wholeMicrosOf = (taken) => median(taken?.starts.flat() ?? []);

/** Median of the fastest fifth. @param {Taken | undefined} taken */
function quick(taken) {
  const micros = taken?.starts.flat() ?? [];
  return median([...micros].sort((one, other) => one - other).slice(0, Math.ceil(micros.length / 5)));
}

/**
 * Round by round, beside the first row.
 *
 * @param {Taken} taken
 * @param {Taken | undefined} first
 * @param {(micros: number, ofFirst: number) => number} compare
 */
function beside(taken, first, compare) {
  return medianOverStarts(
    taken.starts.map((rounds, start) =>
      rounds.map((micros, round) => compare(micros, first?.starts[start]?.[round] ?? NaN)),
    ),
  );
}

/**
 * One line a row, each beside the first. `MISSED` is what lies above the floor with its whole interval, `not settled` what does with its
 * median alone.
 *
 * @param {string} title
 * @param {readonly Taken[]} rows
 * @param {number} [atMost] of the first row
 * @param {ReadonlySet<string>} [controls] the rows that it does not hold for, by name
 * @returns {boolean} no row has missed it
 */
export function printRows(title, rows, atMost = Infinity, controls = new Set()) {
  console.log(`\n${title}${atMost === Infinity ? '' : `, at most × ${atMost}`}`);
  let isMet = true;
  for (const row of rows) {
    const { median: ratio, low, high } = beside(row, rows[0], (micros, ofFirst) => micros / ofFirst);
    // Other work on the machine disturbs the fastest rounds least.
    const fastest = quick(row) / quick(rows[0]);
    const isHeld = !controls.has(row.name);
    const verdict = isHeld && low > atMost ? '   MISSED' : isHeld && ratio > atMost ? '   not settled' : '';
    if (isHeld && low > atMost) isMet = false;
    console.log(
      `  ${row.name.padEnd(30)} ${wholeMicrosOf(row).toFixed(1).padStart(7)} µs CPU   × ${ratio.toFixed(3)}   ${low.toFixed(3)} … ${high.toFixed(3)}   fastest × ${fastest.toFixed(3)}${verdict}`,
    );
  }
  return isMet;
}

/**
 * One line a row: what it costs more than the first where no kernel carries the bytes, and what that is of an operation over sockets. The
 * kernel's part scatters by more than floors are about, and is the same for all.
 *
 * @param {string} title
 * @param {readonly Taken[]} rows
 * @param {number} wholeMicros CPU of the first row for such an operation, over sockets
 * @param {number} atMost times that
 * @param {ReadonlySet<string>} [controls] the rows that it does not hold for, by name
 * @returns {boolean} no row is above it
 */
export function printAdded(title, rows, wholeMicros, atMost, controls = new Set()) {
  console.log(
    `\n${title}: what is added without the kernel, beside ${wholeMicros.toFixed(1)} µs with it${atMost === Infinity ? '' : `, at most × ${atMost}`}`,
  );
  let isMet = true;
  for (const row of rows.slice(1)) {
    const { median: added, low, high } = beside(row, rows[0], (micros, ofFirst) => micros - ofFirst);
    const share = (/** @type {number} */ micros) => (1 + micros / wholeMicros).toFixed(3);
    const isOver = 1 + added / wholeMicros > atMost && !controls.has(row.name);
    if (isOver) isMet = false;
    const [sign, size] = [added < 0 ? '−' : '+', Math.abs(added).toFixed(2)];
    console.log(
      `  ${row.name.padEnd(30)} ${sign} ${size.padStart(6)} µs CPU   × ${share(added)}   ${share(low)} … ${share(high)}${isOver ? '   MISSED' : ''}`,
    );
  }
  return isMet;
}
