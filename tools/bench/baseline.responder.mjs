// The answering half of the request/reply baseline, a process of its own. Plan: { natsUrl, subject }.
import { connect } from '@nats-io/transport-node';
import { answerPlan } from './child.mjs';
import { messageView } from './typical-message.mjs';

await answerPlan(async ({ natsUrl, subject }) => {
  const connection = await connect({ servers: natsUrl });
  connection.subscribe(subject, {
    queue: 'baseline',
    callback: (_, request) => {
      request.respond(JSON.stringify({ message: messageView(request.json()), duplicate: false }));
    },
  });
  await connection.flush();
});
