import { conformance } from '../../../../server/test/conformance.suite.ts';
import type { MemorySocket } from '../../../src/kit.ts';
import { subjectInMemory } from '../memory-subjects.ts';

/** Connections that lose what a network delivers. */
const FAULTS: Readonly<Record<string, (client: MemorySocket) => void>> = {
  healthy: () => undefined,
  'loses the end of the client': (client) => {
    client.end = () => client;
  },
  'loses the reset of the client': (client) => {
    client.resetAndDestroy = () => {
      client.cut();
      return client.destroy();
    };
  },
  'never says that the server is closed': ({ peer }) => {
    const emit = peer.emit.bind(peer);
    peer.emit = (event: string | symbol, ...values: unknown[]) => event !== 'close' && emit(event, ...values);
  },
  'loses what the server says behind its answer': ({ peer }) => {
    const write = peer.write.bind(peer);
    let count = 0;
    Object.assign(peer, {
      write: (chunk: Buffer) => {
        count += 1;
        return count > 1 || write(chunk);
      },
    });
  },
};

for (const [name, spoil] of Object.entries(FAULTS)) conformance(subjectInMemory(name, { spoil }));
