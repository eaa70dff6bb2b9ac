// Whoever throws a party gets a room made over HTTP, and is expected to join it.
// Seats are reserved for 0.3 s (COLYSEUS_SEAT_RESERVATION_TIME); the default of 15 s would only make a run longer.
const http = require('http');
const { Room, Server, matchMaker } = require('colyseus');
const express = require('express');

class Party extends Room {
  onJoin() {}
  onLeave() {}
}

const app = express();
app.use(express.json());
app.post('/parties', async (request, response) => {
  const { roomId } = await matchMaker.createRoom('party', {});
  response.json({ roomId });
});
const games = new Server({ server: http.createServer(app), express: app });
games.define('party', Party);
games.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
