/** A close frame has 125 bytes, two of which are the code (RFC 6455 section 5.5). */
export const MAX_CLOSE_REASON_BYTES = 123;

/** No UTF-16 unit takes more than three bytes, so shorter texts need not be measured. */
const SURELY_SHORT = Math.floor(MAX_CLOSE_REASON_BYTES / 3);

/** As much of a text as a close frame has room for, cut between characters. */
export function closeReason(text: string): string {
  if (text.length <= SURELY_SHORT || Buffer.byteLength(text) <= MAX_CLOSE_REASON_BYTES) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_CLOSE_REASON_BYTES) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** What is no text is no reason: an event or an error that a listener hands on would be found out in the middle of a close frame. */
export function reasonOr(fallback: string, given: unknown): string {
  return typeof given === 'string' ? given : fallback;
}
