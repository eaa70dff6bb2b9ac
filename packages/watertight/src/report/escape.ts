/**
 * What a target, a user id or a close reason says must not move the cursor, change colours, reverse the line or end it.
 * Control characters (C0, C1, DEL), line and paragraph separators, bidirectional controls and lone surrogates become `\u{…}`.
 */
export function escapeTerminal(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu,
    (character) =>
      character === '\n' ? '\\n' : character === '\t' ? '\\t' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Escapes line by line: for output that may have several lines. */
export function escapeLines(text: string): string[] {
  return text.split(/\r?\n/).map(escapeTerminal);
}

/** Plain text in Markdown: no emphasis, link, image, code, HTML, heading, quotation or table cell comes out of it. */
export function escapeMarkdown(text: string): string {
  return (
    escapeTerminal(text)
      .replaceAll(/[\\`*_{}[\]<>#|~!$&]/g, (character) =>
        character === '<' ? '&lt;' : character === '>' ? '&gt;' : character === '&' ? '&amp;' : `\\${character}`,
      )
      // What reads like an address of the web or of mail becomes a link by itself.
      .replaceAll('://', ':\u200b//')
      .replaceAll(/\b(www)\./gi, '$1\u200b.')
      .replaceAll(/(?<=\w)@(?=[\w-]+\.)/g, '@\u200b')
      .replace(/^(\s*)([-+=]|\d+[.)])/, '$1\\$2')
  );
}

/** Inline code that contains any text, backticks too; in a table `|` has to be escaped by whoever makes its rows. */
export function markdownCode(text: string): string {
  const safe = escapeTerminal(text);
  const longest = Math.max(0, ...[...safe.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || safe === '' ? ' ' : '';
  return `${fence}${pad}${safe}${pad}${fence}`;
}
