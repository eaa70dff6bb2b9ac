import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
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
