// @ts-check
// Preloaded into every process that is measured: says at its end what it used.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 };
  writeFileSync(process.env['BENCH_USAGE_FILE'] ?? '', JSON.stringify(usage));
});
