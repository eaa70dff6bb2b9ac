import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCli, type Ended } from './cli-process.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const HIDE = ['unshare', '--mount', 'sh', fileOf('fixtures/without-proc.sh')];
/** Only who may mount can hide it. */
const canHide = spawnSync(HIDE[0] ?? '', [...HIDE.slice(1), 'true']).status === 0;
const ONE_SCENARIO = ['--only', 'rapid-connection-cycles-stress', '--cycles', '12', '--no-trace', '--settle', '300'];

async function check(...command: readonly string[]): Promise<Ended> {
  return await runCli(['check', ...ONE_SCENARIO, '--bail', '--', ...command], {
    nodeCommand: [...HIDE, process.execPath],
  });
}

test.skipIf(!canHide)(
  '[K20] where the system shows no processes, a Node that was started is looked into all the same',
  async () => {
    const { code, stdout, stderr } = await check('node', fileOf('servers/keeps-sessions.mjs'), 'leaky');
    expect(stdout).toContain('1 Session per');
    expect(stderr).toMatch(/opened the inspector of process \d+ on 127\.0\.0\.1:\d+, for this machine alone/);
    expect(stderr).toMatch(/closed the inspector of process \d+/);
    expect(code).toBe(1);
  },
);

test.skipIf(!canHide)('[K20] of what it started nothing is known there, and how to look inside is said', async () => {
  const server = fileOf('servers/keeps-sessions.mjs');
  const parent = `require('node:child_process').spawn(process.execPath, [process.argv[1]], { stdio: 'inherit' })`;
  const [behindShell, behindNode] = await Promise.all([
    check('sh', '-c', `node ${server}`),
    check('node', '-e', parent, server),
  ]);
  expect(behindShell.stdout).toContain('hich of the processes that were started serves cannot be seen');
  expect(behindNode.stdout).toMatch(/rocess \d+, which was started, does not serve port \d+ itself/);
  for (const { stdout } of [behindShell, behindNode])
    expect(stdout).toContain('Start the server itself (node server.js)');
});
