// A UDP socket for every connection, to a collector of measurements.
import { createSocket } from 'node:dgram';
import { WebSocketServer } from 'ws';

const isFixed = process.env.VARIANT === 'fixed';

function openReporter() {
  const reporter = createSocket('udp4');
  reporter.bind(0, '127.0.0.1');
  return reporter;
}

const server = new WebSocketServer({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1' });
server.on('connection', (socket) => {
  const reporter = openReporter();
  socket.on('error', () => {});
  socket.on('message', (data) => {
    reporter.send(data, reporter.address().port, '127.0.0.1');
    socket.send('measured');
  });
  socket.on('close', () => {
    if (isFixed) reporter.close();
  });
});
