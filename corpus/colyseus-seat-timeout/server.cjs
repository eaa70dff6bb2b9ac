// A lobby that everybody may join: first a seat is reserved over HTTP, then the WebSocket takes it.
// Seats are reserved for 0.3 s (COLYSEUS_SEAT_RESERVATION_TIME); the default of 15 s would only make a run longer.
const http = require('http');
const { Room, Server } = require('colyseus');
const express = require('express');

class Lobby extends Room {
  onCreate() {
    this.autoDispose = false;
    this.maxClients = 100_000;
  }
  onJoin() {}
  onMessage() {}
  onLeave() {}
}

const app = express();
app.use(express.json());
const games = new Server({ server: http.createServer(app), express: app });
games.define('lobby', Lobby);
games.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
