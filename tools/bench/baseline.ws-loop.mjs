// Baseline: the bare loop. What one client sends goes to all, as text of a given size. Plan: { payloadBytes }; answers { port }.
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { answerPlan } from './child.mjs';

await answerPlan(async ({ payloadBytes }) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 2_048 });
  // The shape that the audience counts: an event's name first.
  const empty = JSON.stringify({ type: 'new_message', content: '' });
  const content = 'x'.repeat(Math.max(0, payloadBytes - empty.length));
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      if (!data.includes('send_message')) return;
      const text = Buffer.from(JSON.stringify({ type: 'new_message', content }));
      for (const client of server.clients) client.send(text, { binary: false });
    });
    socket.send('{"type":"session"}');
  });
  await once(server, 'listening');
  return { port: server.address().port };
});
