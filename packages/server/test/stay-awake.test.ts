import { expect, test } from 'vitest';
import { runModule } from './examples.ts';

/** A factory with one manager whose finalizer hangs; nothing else keeps this process alive. */
const HANGING = `
import { createManagerFactory } from '@watertight/server';
const factory = createManagerFactory({ cleanupDeadlineMs: 50, sweepIntervalMs: false, onError() {} });
const { manager } = factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
manager.defer(function hangs() { return new Promise(() => {}); });
const hang = () => new Promise(() => {});
function flush() { console.log('flushed'); }
`;

test('[Y13] a drain keeps its process alive until the report is there, whatever hangs and though no socket is open', async () => {
  const code = `${HANGING}
void factory.drain({ windowMs: 100, closeLast: [hang, flush], closeLastTimeoutMs: 100 }).then(({ closed, deadlineMissed, closeLast }) =>
  console.log(JSON.stringify({ closed, deadlineMissed, overdue: closeLast.overdue })));
`;
  expect(await runModule(code)).toEqual({
    exitCode: 0,
    stdout: `flushed\n${JSON.stringify({ closed: 1, deadlineMissed: 1, overdue: ['hang'] })}\n`,
    stderr: '',
  });
});

test('[R17] a close keeps its process alive until it is done, whatever hangs, and not longer', async () => {
  const code = `${HANGING}
await factory.close();
flush();
`;
  expect(await runModule(code)).toEqual({ exitCode: 0, stdout: 'flushed\n', stderr: '' });
});
