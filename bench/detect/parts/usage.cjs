// @ts-check
// Preloaded into every process that is measured, and each of its threads: says at its end what it used. A script, as modules would have to
// be loaded for it first, in each thread anew.
const { writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const report = () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 };
  writeFileSync(process.env['BENCH_USAGE_FILE'] ?? '', JSON.stringify(usage));
};
if (isMainThread) process.on('exit', report);
