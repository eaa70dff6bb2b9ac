/** A close frame has 125 bytes, and the code takes two of them. */
export const CLOSE_REASON_BYTES = 123;

/** As much of a reason as a close frame has room for, cut between characters. */
export function fitted(reason: string): string {
  let text = '';
  for (const character of reason) {
    if (Buffer.byteLength(text + character) > CLOSE_REASON_BYTES) break;
    text += character;
  }
  return text;
}
