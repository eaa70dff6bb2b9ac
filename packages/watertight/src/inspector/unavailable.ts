/** Why there is no view into a process; the message says what would be needed. */
export class InsideViewError extends Error {
  override readonly name = 'InsideViewError';
}
