import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import {
  expectHoldAtMost,
  expectNoLeaks,
  expectNothingBehind,
  expectReleaseWithin,
  type Examined,
} from '../../src/kit.ts';

/** As a caller without types has them. */
const NO_TARGETS: readonly (readonly [given: unknown, said: string])[] = [
  ['ws://127.0.0.1:80/', "('ws://127.0.0.1:80/'): a URL is given as { url }"],
  [null, '(null): expected { command }, { url }, a server of startServer'],
  [{}, '({}): expected { command }'],
  [{ url: 80 }, '({ url: 80 }): expected { command }'],
  [Promise.resolve(), 'a promise: await it first'],
  [
    { command: 'node server.js' },
    "command is 'node server.js'; expected a list of texts such as ['node', 'server.js']",
  ],
  [{ command: [] }, 'command is []; expected a list'],
  [{ command: ['node', 1] }, 'expected a list'],
  [{ command: ['node'], cwd: '/no/such/folder' }, "cwd is '/no/such/folder'; there is no such folder"],
];

test.each(NO_TARGETS)('[TK27] %j is no target, and refused with what one is', async (given, said) => {
  const examined = given as Exclude<Examined, () => unknown>;
  await expect(expectNoLeaks(examined)).rejects.toThrow(said);
  await expect(expectNoLeaks(examined)).rejects.toThrow(/^expectNoLeaks/);
  await expect(expectReleaseWithin(examined, 500)).rejects.toThrow(/^toReleaseWithin/);
  await expect(expectHoldAtMost(examined, 20)).rejects.toThrow(/^toHoldAtMost/);
  await expect(expectNothingBehind(examined)).rejects.toThrow(/^toLeaveNothingBehind/);
});

test('[TK27] a matcher takes nothing for what the config names', async () => {
  const nothing = undefined as unknown as Examined;
  await expect(expectNothingBehind(nothing)).rejects.toThrow('toLeaveNothingBehind(undefined): expected { command }');
});

test('[TK27] an option that no message can hold is refused where it is given', async () => {
  const options = { limit: 20n as unknown as number };
  await expect(expectNoLeaks({ url: 'ws://127.0.0.1:80/' }, options)).rejects.toThrow(
    'an option cannot be handed to the process that examines',
  );
});

test(
  '[TK27] a function that throws what is no text is told of, and ends its examination',
  { timeout: 60_000 },
  async () => {
    const kit = new URL('../../dist/kit.js', import.meta.url).href;
    const script = `
    import { expectNoLeaks } from ${JSON.stringify(kit)};
    const throwsOddly = () => { throw Object.create(null); };
    await expectNoLeaks(throwsOddly, { bail: true, cycles: 10, noTrace: true }).catch((error) => console.log(error.message));
  `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout).toContain('the first that was not: [Object: null prototype] {}');
  },
);
