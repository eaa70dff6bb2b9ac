const KEPT_CHARACTERS = 64 * 1024;
const SHOWN_LINES = 20;
/** An error with its stack, and the stack of whoever emitted it, is longer than what is shown otherwise. */
const SHOWN_WITH_ERROR_LINES = 45;
/** `RangeError: …`, `Error [ERR_STREAM_DESTROYED]: …`, or a name alone; its stack begins on the next line. */
const ERROR_HEAD = /^[\w$.]+(?: \[[\w-]+\])?(?:: .*)?$/;
const STACK_LINE = /^\s+at /;
/** Node says before an uncaught error where it was thrown: place, line, caret, and an empty line. */
const WHERE_LINES = 4;

/** The end of what a target printed; of the rest it is known only whether a text stood in it that is waited for. */
export class OutputTail {
  readonly #awaited: string | undefined;
  #text = '';
  #isShown = false;

  constructor(awaited?: string) {
    this.#awaited = awaited;
  }

  add(text: string): void {
    const all = this.#text + text;
    if (this.#awaited !== undefined && !this.#isShown) this.#isShown = all.includes(this.#awaited);
    this.#text = all.slice(-KEPT_CHARACTERS);
  }

  /** Whether what is waited for was printed, however much has come behind it. */
  get isShown(): boolean {
    return this.#isShown;
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
