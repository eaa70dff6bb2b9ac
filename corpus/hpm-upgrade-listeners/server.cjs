// A front end that passes everything on to one backend, WebSockets too, as the readme of http-proxy-middleware says.
const { fork } = require('child_process');
const path = require('path');
const express = require('express');
const proxyMiddleware = require('http-proxy-middleware');

const backend = fork(path.join(__dirname, 'backend.cjs'));
backend.once('message', ({ port }) => {
  const app = express();
  app.use(
    '/',
    proxyMiddleware({
      target: `http://127.0.0.1:${port}`,
      ws: true,
      xfwd: true,
      changeOrigin: true,
      logLevel: 'silent',
    }),
  );
  app.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
});
