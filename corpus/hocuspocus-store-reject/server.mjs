// One of several instances: another one holds the lock on every document, so nothing is stored here.
import { Server } from '@hocuspocus/server';

const isLockedElsewhere = async () => true;

const server = new Server({
  port: Number(process.env.PORT ?? 0),
  address: '127.0.0.1',
  quiet: true,
  debounce: 50,
  maxDebounce: 200,
  extensions: [
    {
      async onStoreDocument() {
        // Without a reason: this is how a hook ends the chain in silence.
        if (await isLockedElsewhere()) return Promise.reject();
      },
    },
  ],
});
await server.listen();
