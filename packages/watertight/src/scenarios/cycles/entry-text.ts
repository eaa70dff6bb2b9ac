/** `entry in an Array of number`. */
export function entryIn(collection: string): string {
  return `entry in ${/^[AEIO]/.test(collection) ? 'an' : 'a'} ${collection}`;
}
