import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openRelay, type Relay, type RelayEnding, type RelayTarget } from '../../src/kit.ts';

/** In front of a server that does not read. */
async function relayToDeaf(): Promise<Relay> {
  const server: Server = createServer((socket) => void socket.pause().on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const relay = await openRelay((server.address() as AddressInfo).port);
  onTestFinished(async () => await relay.close());
  return relay;
}

const NO_TARGETS: readonly (readonly [given: unknown, said: string])[] = [
  [0, 'openRelay(0): expected a port from 1 to 65535'],
  [65_536, 'openRelay(65536): expected a port from 1 to 65535'],
  [Number.NaN, 'openRelay(NaN): expected a port'],
  [undefined, 'openRelay(undefined): expected a ws:, wss:, http: or https: URL, a server that listens, or a port'],
  [{}, 'openRelay(undefined): expected a ws:, wss:'],
];

test.each(NO_TARGETS)('[TK30] %s is nothing a relay can lead to', async (given, said) => {
  await expect(openRelay(given as RelayTarget)).rejects.toThrow(said);
});

test('[TK30] an ending that there is not is refused, and ends nothing', async () => {
  const relay = await relayToDeaf();
  const client = connect(relay.port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void client.destroy());
  const connection = await relay.nextConnection();
  const reset = 'reset' as RelayEnding;
  await expect(connection.end(reset)).rejects.toThrow(
    'end("reset"): there is no such ending; expected one of close-frame, fin, rst, vanish, stall,',
  );
  expect(() => relay.endNext(reset)).toThrow('endNext("reset"): there is no such ending');
  expect(relay.connections).toHaveLength(1);
});

test.each([Infinity, Number.NaN, -1, 600_001])('[TK30] %s is no time to wait', async (ms) => {
  const relay = await relayToDeaf();
  await expect(relay.nextConnection(ms)).rejects.toThrow(`nextConnection(${ms}): expected 0 to 600000 milliseconds`);
  const client = connect(relay.port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void client.destroy());
  const connection = await relay.nextConnection();
  await expect(connection.letGo(ms)).rejects.toThrow(`letGo(${ms}): expected 0 to 600000 milliseconds`);
});

test('[TK14] who waits for a connection is told when the relay is closed, and no timer is left', async () => {
  const relay = await relayToDeaf();
  const waiting = relay.nextConnection(600_000);
  const told = expect(waiting).rejects.toThrow('no client connected to the relay before it was closed');
  await relay.close();
  await told;
  await expect(relay.nextConnection(600_000)).rejects.toThrow('it is closed');
});
