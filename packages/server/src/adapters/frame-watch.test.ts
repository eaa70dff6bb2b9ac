import { expect, test } from 'vitest';
import { FrameWatch } from './frame-watch.ts';

function framesOf(bytes: Buffer, chunkBytes: number): readonly number[] {
  const seen: number[] = [];
  const watch = new FrameWatch((opcode) => seen.push(opcode));
  for (let at = 0; at < bytes.length; at += chunkBytes) watch.feed(bytes.subarray(at, at + chunkBytes));
  return seen;
}

/** Masked, as clients send them. */
function frameOf(opcode: number, payloadBytes: number): Buffer {
  const length =
    payloadBytes < 126
      ? Buffer.from([0x80 | payloadBytes])
      : payloadBytes < 65_536
        ? Buffer.from([0x80 | 126, payloadBytes >> 8, payloadBytes & 0xff])
        : Buffer.concat([
            Buffer.from([0x80 | 127, 0, 0, 0, 0]),
            Buffer.from(new Uint32Array([payloadBytes]).buffer).swap32(),
          ]);
  // The payload looks like close frames.
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, Buffer.alloc(4), Buffer.alloc(payloadBytes, 0x88)]);
}

test.each([1, 2, 3, 7, 1000, 1_000_000])('[J14] frames are followed through chunks of %i bytes', (chunkBytes) => {
  const kinds = [1, 10, 2, 9, 0, 8];
  const sizes = [0, 125, 126, 65_535, 65_536, 2];
  const bytes = Buffer.concat(kinds.map((opcode, index) => frameOf(opcode, sizes[index] ?? 0)));
  expect(framesOf(bytes, chunkBytes)).toEqual(kinds);
});

test('[J14] an unmasked frame is followed too', () => {
  expect(framesOf(Buffer.from([0x81, 1, 0x88, 0x88, 0]), 1)).toEqual([1, 8]);
});
