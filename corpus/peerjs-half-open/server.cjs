// The signalling server of PeerJS inside an Express app. The times only make a run shorter; version 0.2 knows none of them.
const http = require('http');
const express = require('express');
const { ExpressPeerServer } = require('peer');

const app = express();
const server = http.createServer(app);
app.use(
  '/',
  ExpressPeerServer(server, {
    path: '/',
    key: 'peerjs',
    alive_timeout: 400,
    expire_timeout: 400,
    cleanup_out_msgs: 200,
    concurrent_limit: 100_000,
    ip_limit: 100_000,
  }),
);
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
