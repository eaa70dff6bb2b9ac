// @ts-check
// Kubernetes runs this in the container before it sends SIGTERM, and waits for it.
const port = process.env['PORT'];
const response = await fetch(`http://127.0.0.1:${port}/drain`, { method: 'POST' });
console.log(await response.text());
