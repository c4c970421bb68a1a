// Baseline: connections that bare `ws` holds and says nothing to. Plan: {}; answers { port }.
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { answerPlan } from './child.mjs';

await answerPlan(async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 2_048 });
  server.on('connection', (socket) => {
    socket.on('message', () => undefined);
    socket.send('{"type":"session"}');
  });
  await once(server, 'listening');
  return { port: server.address().port };
});
