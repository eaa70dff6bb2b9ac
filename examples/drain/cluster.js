// @ts-check
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';

const workerCount = Number(process.env['WORKERS'] ?? 2);
let isStopping = false;

cluster.setupPrimary({ exec: fileURLToPath(new URL('server.js', import.meta.url)) });
for (let count = 0; count < workerCount; count += 1) cluster.fork();

let hasListened = false;
cluster.on('listening', () => {
  hasListened = true;
});
cluster.on('exit', (worker, code, signal) => {
  // Where none could ever listen, as the port is taken, the next one could not either.
  if (!isStopping && hasListened) {
    console.log(`cluster: worker ${worker.id} ended (${signal ?? code}), another one starts`);
    cluster.fork();
  } else if (code !== 0) {
    process.exitCode = 1;
    // A second signal would end whoever drains.
    if (!isStopping) stop();
  }
});

/**
 * Each worker drains by itself; this process ends with the last of them. While they drain, workers still listen: the primary hands
 * them newcomers, who are refused with 503.
 */
function stop() {
  isStopping = true;
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
}

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
