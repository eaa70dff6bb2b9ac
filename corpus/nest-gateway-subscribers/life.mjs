// @ts-check
import { joinSocketIo } from '../speech/socket-io.mjs';

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'nest-gateway-subscribers',
  description: 'comes online and pings',
  path: '/socket.io/',
  async live(life) {
    const client = await joinSocketIo(life, { engine: 3 });
    client.emit('ping', 'x');
    await client.hear('pong');
    return () => client.leave();
  },
};
export default recipe;
