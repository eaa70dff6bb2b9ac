import { PROVOKED_WARNING, type Complaint } from '../verdict/complaint.ts';

const MAX_NAMES = 50;
const MAX_TEXT_CHARACTERS = 300;
const MAX_LINE_CHARACTERS = 10_000;
/** `(node:4711) [DEP0005] DeprecationWarning: Buffer() is deprecated`. */
const WARNING = /^\([\w.-]+:\d+\) (?:\[[\w-]+\] )?([A-Za-z_$][\w$]*): (.*)$/;
/** What programs print of a rejection that they let pass. */
const REJECTION = /unhandled[ _-]?(?:promise[ _-]?)?rejection/i;

/** Finds in the standard error of a target what Node warns of, and what the program itself says of rejections. */
export class PrintedComplaints {
  readonly #rows = new Map<string, { is: Complaint['is']; name: string; count: number; firstText: string }>();
  #rest = '';

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARACTERS);
    for (const line of lines) this.#read(line.trimEnd());
  }

  get all(): readonly Complaint[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }

  #read(line: string): void {
    const [, name, text = ''] = WARNING.exec(line) ?? [];
    if (text.startsWith(PROVOKED_WARNING)) return;
    if (name !== undefined) this.#note('warning', name, text);
    else if (REJECTION.test(line)) this.#note('unhandled rejection', 'rejection', line);
  }

  #note(is: Complaint['is'], name: string, text: string): void {
    const key = `${is}:${name}`;
    const row = this.#rows.get(key);
    if (row !== undefined) row.count += 1;
    else if (this.#rows.size < MAX_NAMES)
      this.#rows.set(key, { is, name, count: 1, firstText: text.slice(0, MAX_TEXT_CHARACTERS) });
  }
}
