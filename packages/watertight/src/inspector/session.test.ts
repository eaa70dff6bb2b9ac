import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { SnapshotIntake } from '../trace/snapshot-reader.ts';
import { takeHeapSnapshot } from './heap-snapshot.ts';
import { InspectorSession } from './session.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

async function sessionIntoNode(): Promise<InspectorSession> {
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', '-e', 'setInterval(() => {}, 1e6)'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  leftovers.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  let text = '';
  while (!/ws:\S+/.test(text)) {
    const [chunk] = (await once(child.stderr, 'data')) as [Buffer];
    text += chunk.toString();
  }
  const session = await InspectorSession.connect(/ws:\S+/.exec(text)?.[0] ?? '');
  leftovers.push(() => session.close());
  return session;
}

test('[I9] notices of the target reach their listeners before the reply, until the listening ends', async () => {
  const session = await sessionIntoNode();
  const seen: unknown[] = [];
  const end = session.on('Runtime.consoleAPICalled', ({ type }) => seen.push(type));
  session.on('Runtime.executionContextCreated', () => seen.push('context'));
  await session.call('Runtime.enable');
  await session.call('Runtime.evaluate', { expression: 'console.log(1)' });
  expect(seen).toEqual(['context', 'log']);
  end();
  await session.call('Runtime.evaluate', { expression: 'console.log(2)' });
  expect(seen).toEqual(['context', 'log']);
});

test('[S13] a heap snapshot is handed over in pieces and read while it is written', async () => {
  const session = await sessionIntoNode();
  const intake = new SnapshotIntake();
  let pieces = 0;
  await takeHeapSnapshot(session, (chunk) => {
    pieces += 1;
    intake.push(chunk);
  });
  const graph = intake.end();
  expect(pieces).toBeGreaterThan(3);
  expect(graph.nodeCount).toBeGreaterThan(20_000);
  expect(graph.edgeTypes).toContain('context');
});

test('[S13] whoever cannot take a piece ends the listening, and the session lives on', async () => {
  const session = await sessionIntoNode();
  let pieces = 0;
  const taking = takeHeapSnapshot(session, () => {
    pieces += 1;
    throw new Error('disk full');
  });
  await expect(taking).rejects.toThrow('disk full');
  expect(pieces).toBe(1);
  expect(await session.call('Runtime.evaluate', { expression: '1 + 1' })).toMatchObject({ result: { value: 2 } });
});
