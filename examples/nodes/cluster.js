// @ts-check
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';

/** The primary hands each connection to the next worker; what a user may hold is counted in all of them together. */
const workerCount = Number(process.env['WORKERS'] ?? 3);
let isStopping = false;

cluster.setupPrimary({ exec: fileURLToPath(new URL('server.js', import.meta.url)) });
for (let count = 0; count < workerCount; count += 1) cluster.fork();

let listening = 0;
cluster.on('listening', (_worker, { port }) => {
  listening += 1;
  if (listening === workerCount) console.log(`nodes: ws://127.0.0.1:${port}/?user=ada, ${workerCount} processes`);
});
cluster.on('exit', (worker, code, signal) => {
  if (isStopping) return;
  // Where none could ever listen, as the port is taken, the next one could not either.
  if (listening === 0) {
    process.exitCode = 1;
    stop();
    return;
  }
  // Whatever it held is free when its leases have run out, 30 seconds at the latest.
  console.log(`nodes: worker ${worker.id} ended (${signal ?? code}), another one starts`);
  cluster.fork();
});

function stop() {
  isStopping = true;
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
}

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
