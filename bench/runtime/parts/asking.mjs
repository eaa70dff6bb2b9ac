// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @import { Arguments, Figures } from './answering.mjs' */
/** @typedef {{ id: number, figures?: Figures, failed?: string }} Answer */

/** The parent's side of one child process. */
export class Child {
  /** @type {import('node:child_process').ChildProcess} */
  #process;
  #lastId = 0;
  /** @type {Map<number, { resolve: (figures: Figures) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();

  /**
   * @param {string} file beside this one
   * @param {readonly string[]} args
   * @param {readonly string[]} [execArgv]
   */
  constructor(file, args = [], execArgv = []) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
      execArgv: ['--expose-gc', ...execArgv],
    });
    this.#process.on('message', (/** @type {Answer} */ { id, figures, failed }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (figures !== undefined) waiting?.resolve(figures);
      else waiting?.reject(new Error(`${file} ${args.join(' ')}: ${failed ?? 'no such question'}`));
    });
    this.#process.once('exit', (code, signal) => {
      const error = new Error(`${file} ${args.join(' ')} ended with ${signal ?? code}`);
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  /**
   * @param {string} file
   * @param {readonly string[]} [args]
   * @param {readonly string[]} [execArgv]
   */
  static async start(file, args, execArgv) {
    const child = new Child(file, args, execArgv);
    await child.#answerTo(0);
    return child;
  }

  get pid() {
    return this.#process.pid ?? 0;
  }

  /**
   * @param {string} ask
   * @param {Arguments} [args]
   * @returns {Promise<Figures>}
   */
  ask(ask, args = {}) {
    this.#lastId += 1;
    const answered = this.#answerTo(this.#lastId);
    this.#process.send({ id: this.#lastId, ask, args });
    return answered;
  }

  async end() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    if (this.#process.connected) this.#process.disconnect();
    await exited;
  }

  /**
   * @param {number} id
   * @returns {Promise<Figures>}
   */
  #answerTo(id) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
  }
}
