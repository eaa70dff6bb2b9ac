// Templates are compiled to functions when they are first used: code, closures, regular expressions, number formats.
import http from 'node:http';
import { WebSocketServer } from 'ws';

const KINDS = 400;
const templates = new Map();
const formats = new Map();

function templateOf(kind) {
  const known = templates.get(kind);
  if (known !== undefined) return known;
  const lines = Array.from({ length: 30 }, (_, n) => `out += "${kind}:${n} " + format.format(value * ${n}) + ";";`);
  const template = new Function('value', 'format', `let out = "";\n${lines.join('\n')}\nreturn out;`);
  template.pattern = new RegExp(`^${kind}:(\\d+) (.*);$`);
  templates.set(kind, template);
  return template;
}

function formatOf(kind) {
  const digits = kind % 6;
  if (!formats.has(digits)) formats.set(digits, new Intl.NumberFormat('en', { maximumFractionDigits: digits }));
  return formats.get(digits);
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const kind = Number(data) % KINDS;
    const template = templateOf(kind);
    const text = template(kind + 0.5, formatOf(kind));
    template.pattern.test(text);
    socket.send(text);
  });
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
