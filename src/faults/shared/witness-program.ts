/**
 * What a witness runs, as text: it then needs nothing of its image but Node, whatever version of us that image is of. It opens new
 * connections all the time, and tells the kubelet, which asks each second, whether the last look was good: by 200, or 503.
 *
 * `ends`: one that opens is enough. `lifelines`: the API server and DNS, and both must answer.
 */
export const witnessProgram = `
const { lookup } = require('node:dns/promises');
const { createServer } = require('node:http');
const { connect } = require('node:net');
const { ends, lifelines, port } = JSON.parse(process.argv[1]);
const { KUBERNETES_SERVICE_HOST: server, KUBERNETES_SERVICE_PORT: serverPort } = process.env;
let good = false;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const opens = ({ host, port }) => new Promise((resolve) => {
  const socket = connect({ host, port, timeout: 800 }, () => end(true));
  const end = (open) => { socket.destroy(); resolve(open); };
  socket.on('error', () => end(false)).on('timeout', () => end(false));
});
const resolves = () => Promise.race([lookup('kubernetes.default.svc').then(() => true, () => false), wait(800).then(() => false)]);
const look = async () => lifelines
  ? (await Promise.all([opens({ host: server, port: serverPort }), resolves()])).every(Boolean)
  : (await Promise.all(ends.map(opens))).some(Boolean);
createServer((_, answer) => answer.writeHead(good ? 200 : 503).end()).listen(port);
process.on('SIGTERM', () => process.exit());
(async () => { for (;;) { good = await look(); await wait(200); } })();
`;
