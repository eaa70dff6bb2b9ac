import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openRelay, type Relay, type RelayEnding } from '../../src/kit.ts';

interface Line {
  readonly relay: Relay;
  readonly client: Socket;
  /** What the server has heard. */
  readonly heard: () => string;
  /** Resolves when the client has left, for the server. */
  readonly left: Promise<unknown>;
}

/** A client of a server that hears and says nothing, through a relay. */
async function lineThrough(): Promise<Line> {
  let heard = '';
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => void (heard += text));
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const relay = await openRelay((server.address() as AddressInfo).port);
  onTestFinished(async () => await relay.close());
  const taken = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(relay.port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void client.destroy());
  const [socket] = await taken;
  return { relay, client, heard: () => heard, left: new Promise((resolve) => socket.once('close', resolve)) };
}

const ENDINGS: readonly RelayEnding[] = ['fin', 'rst', 'close-frame', 'mid-frame'];

test.each(ENDINGS)('[TK25] %s comes behind what is late', async (ending) => {
  const { relay, client, heard, left } = await lineThrough();
  relay.delay(250);
  client.write('said before');
  const connection = await relay.nextConnection();
  await connection.end(ending);
  if (ending === 'close-frame') await connection.end('rst');
  await left;
  expect(heard()).toMatch(/^said before/);
});

test('[TK25] an ending comes behind what trickles, and not behind what is said after it', async () => {
  const { relay, client, heard, left } = await lineThrough();
  relay.trickle(10);
  client.write('letter by letter');
  const connection = await relay.nextConnection();
  const ended = connection.end('fin');
  const goesOn = setInterval(() => void client.write('!'), 5);
  onTestFinished(() => clearInterval(goesOn));
  await ended;
  await left;
  expect(heard()).toMatch(/^letter by letter!*$/);
});

test('[TK25] an ending that waits for what is late ends with its relay', async () => {
  const { relay, client } = await lineThrough();
  relay.delay(600_000);
  client.write('never heard');
  const connection = await relay.nextConnection();
  const ended = connection.end('fin');
  await new Promise((resolve) => setImmediate(resolve));
  await relay.close();
  await ended;
});
