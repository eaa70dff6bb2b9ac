// So many viewers who read everything, in a process of their own: node viewers.mjs <count> <url>
import { get } from 'node:http';

const [, , count = '1', url = ''] = process.argv;
let open = 0;
for (let viewer = 0; viewer < Number(count); viewer += 1) {
  get(url, { agent: false }, (response) => {
    response.resume();
    open += 1;
    if (open === Number(count)) process.stdout.write('open\n');
  });
}
