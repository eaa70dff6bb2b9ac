import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { CheckResult } from '../src/verdict/types.ts';
import { runCli } from './cli-process.ts';

const STEP = 'limit/each-is-answered-on-its-own-connection';

/** Who hears what somebody says, out of all connections of the same user, the newest last. */
type Hearers = (own: WebSocket, ofUser: readonly WebSocket[]) => readonly WebSocket[];

async function statusWhere(hearers: Hearers): Promise<string | undefined> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const ofUsers = new Map<string, WebSocket[]>();
  server.on('connection', (socket, { url = '' }) => {
    const sockets = ofUsers.get(url) ?? [];
    ofUsers.set(url, sockets);
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.splice(sockets.indexOf(socket), 1));
    socket.on('message', (data, isBinary) => {
      for (const hearer of hearers(socket, sockets)) hearer.send(data, { binary: isBinary });
    });
  });
  await once(server, 'listening');
  const address = server.address();
  const folder = mkdtempSync(join(tmpdir(), 'watertight-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  const json = join(folder, 'result.json');
  const only = 'manager-creation-limit-enforcement';
  await runCli(['check', '--url', url, '--limit', '3', '--only', only, '--json', json]);
  const { scenarios } = JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
  return scenarios[0]?.steps.find(({ id }) => id === STEP)?.status;
}

test.each<[string, Hearers, string]>([
  ['whoever said it', (own) => [own], 'held'],
  ['everybody, whoever said it included', (_own, all) => all, 'held'],
  ['the newest connection of the user', (_own, all) => all.slice(-1), 'broken'],
  ['everybody else', (own, all) => all.filter((one) => one !== own), 'not visible'],
  ['nobody', () => [], 'not visible'],
])('[N35] what is said is heard by %s', async (_who, hearers, status) => {
  expect(await statusWhere(hearers)).toBe(status);
});
