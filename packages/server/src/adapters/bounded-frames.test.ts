import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { WatertightError } from '../errors.ts';
import { boundFrames } from './bounded-frames.ts';

const [CONTINUATION, TEXT, CLOSE, PING] = [0, 1, 8, 9];

/** As servers send them. */
function frameOf(opcode: number, payloadBytes: number): Buffer {
  const length = payloadBytes < 126 ? [payloadBytes] : [126, payloadBytes >> 8, payloadBytes & 0xff];
  return Buffer.concat([Buffer.from([opcode, ...length]), Buffer.alloc(payloadBytes, opcode)]);
}

/** A socket whose peer may be sent so many bytes at a time. */
function socketFor(maxBytes: number): { socket: Duplex; written: () => Buffer; asked: number[] } {
  const chunks: Buffer[] = [];
  const asked: number[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  boundFrames(socket, { maySend: (bytes, isBegun = false) => (asked.push(bytes), isBegun || bytes <= maxBytes) });
  return { socket, written: () => Buffer.concat(chunks), asked };
}

test('[J42] of messages that are written frame by frame those beyond the bound are left out', () => {
  const { socket, written, asked } = socketFor(300);
  const [small, large] = [frameOf(TEXT, 100), frameOf(TEXT, 400)];
  for (const frame of [small, large, small]) socket.write(frame);
  expect(written()).toEqual(Buffer.concat([small, small]));
  expect(asked).toEqual([102, 404, 102]);
});

test('[J42] a frame whose header and payload are written one by one goes or stays whole, and counts whole', () => {
  const { socket, written, asked } = socketFor(300);
  const [small, large] = [frameOf(TEXT, 200), frameOf(TEXT, 400)];
  for (const frame of [small, large, small]) {
    socket.write(frame.subarray(0, 4));
    socket.write(frame.subarray(4, 100));
    socket.write(frame.subarray(100));
  }
  expect(written()).toEqual(Buffer.concat([small, small]));
  expect(asked).toEqual([200, 400, 200]);
});

test('[J42] frames that go on with a message that was left out are left out too, and control frames between them pass', () => {
  const { socket, written, asked } = socketFor(300);
  const goesOn = frameOf(CONTINUATION, 10);
  const [ping, close] = [frameOf(PING, 4), frameOf(CLOSE, 2)];
  for (const frame of [frameOf(TEXT, 400), goesOn, ping, goesOn, frameOf(TEXT, 1), goesOn, close]) socket.write(frame);
  expect(written()).toEqual(Buffer.concat([ping, frameOf(TEXT, 1), goesOn, close]));
  expect(asked).toEqual([404, 3, 12]);
});

test('[J42] frames that go on with a message that was begun are asked about, and left out only where the connection is ended', () => {
  let isEnded = false;
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const asked: unknown[] = [];
  boundFrames(socket, { maySend: (bytes, isBegun) => (asked.push([bytes, isBegun]), !isEnded) });
  socket.write(frameOf(TEXT, 10));
  socket.write(frameOf(CONTINUATION, 20));
  isEnded = true;
  socket.write(frameOf(CONTINUATION, 30));
  socket.write(frameOf(CONTINUATION, 40));
  expect(asked).toEqual([
    [12, undefined],
    [22, true],
    [32, true],
  ]);
});

test('[J42] whoever writes is told what was not sent, whichever way it asked', async () => {
  const { socket } = socketFor(10);
  const large = frameOf(TEXT, 100);
  const told = [
    new Promise((resolve) => socket.write(large, resolve)),
    new Promise((resolve) => socket.write(large.toString('latin1'), 'latin1', resolve)),
  ];
  for (const error of await Promise.all(told)) {
    expect(error).toBeInstanceOf(WatertightError);
    expect(error).toMatchObject({ code: 'WATERTIGHT_E_SLOW_CONSUMER' });
  }
});
