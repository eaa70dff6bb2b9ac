/** What a message weighs that somebody sends: before compression, and without the header of its frame. */
export function sentBytesOf(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (typeof data === 'object' && data !== null) {
    if ('byteLength' in data && typeof data.byteLength === 'number') return data.byteLength;
    if ('size' in data && typeof data.size === 'number') return data.size;
    if ('length' in data && typeof data.length === 'number') return data.length;
  }
  return typeof data === 'number' ? String(data).length : 0;
}
