#!/usr/bin/env node
import { run } from './run.ts';

/** What our own sockets may take to go, in milliseconds, after everything was reported. */
const LINGER_MS = 2_000;

// `watertight check | head`: whoever reads has had enough, and that is no failure of the run.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv.slice(2));
// The loop ends by itself. Should anything of ours hold it, the verdict still gets out.
setTimeout(() => process.exit(), LINGER_MS).unref();
