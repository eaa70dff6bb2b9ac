// One game room that stays, as games with a lobby have it.
const http = require('http');
const { Room, Server } = require('colyseus');

class Game extends Room {
  onInit() {
    this.autoDispose = false;
  }
  onJoin() {}
  onMessage() {}
  onLeave() {}
}

const games = new Server({ server: http.createServer((request, response) => response.end('ok')) });
games.register('game', Game);
games.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
