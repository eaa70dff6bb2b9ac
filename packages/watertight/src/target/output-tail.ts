const KEPT_CHARACTERS = 64 * 1024;
const SHOWN_LINES = 20;
/** An error with its stack, and the stack of whoever emitted it, is longer than what is shown otherwise. */
const SHOWN_WITH_ERROR_LINES = 45;
/** `RangeError: …`, `Error [ERR_STREAM_DESTROYED]: …`, or a name alone; its stack begins on the next line. */
const ERROR_HEAD = /^[\w$.]+(?: \[[\w-]+\])?(?:: .*)?$/;
const STACK_LINE = /^\s+at /;
/** Node says before an uncaught error where it was thrown: place, line, caret, and an empty line. */
const WHERE_LINES = 4;

/** The end of what a target printed; the rest is forgotten. */
export class OutputTail {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-KEPT_CHARACTERS);
  }

  get text(): string {
    return this.#text;
  }

  /** The last 20 lines, for messages; more where an error is among the last 45 whose stack would push out what it says. */
  lastLines(): string {
    const lines = this.#text.trimEnd().split('\n');
    const shown = Math.max(0, lines.length - SHOWN_LINES);
    const error = lines.findLastIndex(
      (line, index) => ERROR_HEAD.test(line) && STACK_LINE.test(lines[index + 1] ?? ''),
    );
    const isPushedOut = error >= 0 && error < shown;
    const from = isPushedOut && lines[error - 2]?.trim() === '^' ? error - WHERE_LINES : error;
    return lines.slice(isPushedOut && lines.length - from <= SHOWN_WITH_ERROR_LINES ? from : shown).join('\n');
  }
}
