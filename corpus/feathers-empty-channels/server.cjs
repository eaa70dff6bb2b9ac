// Rooms as channels of Feathers: who creates or enters a room joins its channel.
const feathers = require('@feathersjs/feathers');
const socketio = require('@feathersjs/socketio');

const app = feathers();
app.configure(socketio());
app.use('rooms', {
  async create({ name }, { connection }) {
    app.channel(`rooms/${name}`).join(connection);
    return { name };
  },
});
app.on('connection', (connection) => app.channel('anonymous').join(connection));
app.service('rooms').publish(({ name }) => app.channel(`rooms/${name}`));
app.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
