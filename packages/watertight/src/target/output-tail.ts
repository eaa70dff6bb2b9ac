const KEPT_CHARACTERS = 64 * 1024;
const SHOWN_LINES = 20;

/** The end of what a target printed; the rest is forgotten. */
export class OutputTail {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-KEPT_CHARACTERS);
  }

  get text(): string {
    return this.#text;
  }

  /** The last 20 lines, for messages. */
  lastLines(): string {
    return this.#text.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  }
}
