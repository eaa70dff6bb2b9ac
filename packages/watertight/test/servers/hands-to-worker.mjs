// @ts-check
// Hands the work of its connections to a worker thread: node hands-to-worker.mjs leaky|healthy. The leaky one keeps a job of
// every connection in the worker, and nothing in the main thread.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { WebSocketServer } from 'ws';

class Job {
  isDone = false;

  /** @param {number} id */
  constructor(id) {
    this.id = id;
    this.text = `job ${id}`;
  }
}

function serve() {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: process.argv[2] });
  const server = createServer();
  let count = 0;
  new WebSocketServer({ server }).on('connection', (socket) => {
    const id = (count += 1);
    worker.postMessage({ id, is: 'open' }, []);
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('close', () => worker.postMessage({ id, is: 'closed' }, []));
  });
  worker.once('online', () => server.listen(0, '127.0.0.1'));
}

function work() {
  /** @type {Map<number, Job>} */
  const jobs = new Map();
  parentPort?.on('message', ({ id, is }) => {
    if (is === 'open') jobs.set(id, new Job(id));
    else if (workerData !== 'leaky') jobs.delete(id);
  });
}

if (isMainThread) serve();
else work();
