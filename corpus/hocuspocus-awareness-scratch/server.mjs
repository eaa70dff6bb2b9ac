// The server of the Hocuspocus documentation.
import { Server } from '@hocuspocus/server';

const server = new Server({
  port: Number(process.env.PORT ?? 0),
  address: '127.0.0.1',
  quiet: true,
  debounce: 50,
  maxDebounce: 200,
});
await server.listen();
