/**
 * What a pod of the bench runs. `/health` answers; `/` calls the other service on a new connection and says `ok` when it answered;
 * `/call?timeout=MS` says how long that took or what went wrong; `/round-trips?connections=N&samples=M&pause=MS` measures over N
 * kept connections, one byte there and one back at a time, with a pause between two, and gives all times in ms; `/timer` says how long the shortest wait of a timer
 * is. Port 9000 sends back what it gets.
 */
export const callerProgram = `
const http = require('node:http'), net = require('node:net');
const to = { host: process.env.CALLEE_SERVICE_HOST };
const call = (timeout, done) => {
  const at = performance.now();
  let over = false;
  const end = (error) => { if (over) return; over = true; done({ ms: error ? null : performance.now() - at, error }); };
  const request = http.get({ ...to, port: 80, path: '/health', agent: false, timeout }, (answer) => {
    answer.resume(); answer.on('end', () => end()); answer.on('error', (error) => end(error.code));
  });
  request.on('error', (error) => end(error.code ?? error.message)).on('timeout', () => request.destroy(new Error('timeout')));
};
const pace = (samples, pause, done) => {
  const times = [];
  const socket = net.connect({ ...to, port: 9000, noDelay: true });
  let at;
  const send = () => { at = performance.now(); socket.write('x'); };
  socket.on('connect', send).on('error', (error) => done(error));
  socket.on('data', () => {
    times.push(performance.now() - at);
    if (times.length < samples) setTimeout(send, pause); else { socket.destroy(); done(null, times); }
  });
};
const shortestWait = (done, best = Infinity, left = 100) => {
  const at = performance.now();
  setTimeout(() => {
    const ms = Math.min(best, performance.now() - at);
    left === 0 ? done(ms) : shortestWait(done, ms, left - 1);
  }, 0);
};
http.createServer((request, response) => {
  const asked = new URL(request.url, 'http://x'), number = (name) => Number(asked.searchParams.get(name));
  if (asked.pathname === '/health') return response.end('ok');
  if (asked.pathname === '/') return call(60000, ({ error }) => response.writeHead(error ? 502 : 200).end(error ?? 'ok'));
  if (asked.pathname === '/call') return call(number('timeout'), (answer) => response.end(JSON.stringify(answer)));
  if (asked.pathname === '/timer') return shortestWait((ms) => response.end(JSON.stringify({ ms })));
  const all = [];
  let left = number('connections');
  for (let each = left; each > 0; each -= 1) pace(number('samples') / number('connections'), number('pause'), (error, times) => {
    if (error && !response.headersSent) return response.writeHead(500).end(String(error));
    all.push(...(times ?? []));
    left -= 1;
    if (left === 0 && !response.headersSent) response.end(JSON.stringify(all));
  });
}).listen(8080);
net.createServer({ noDelay: true }, (socket) => socket.on('error', () => {}).pipe(socket)).listen(9000);
`;
