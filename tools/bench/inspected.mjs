// What a Node process holds once its garbage is gone, asked through its inspector.
import { WebSocket } from 'ws';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';

const script =
  'JSON.stringify((({ heapUsed, external, rss }) => ({ heapUsed, external, rss }))(process.memoryUsage()))';

/** @returns {Promise<{ heapUsed: number, external: number, rss: number }>} in bytes, after two full collections */
export async function memoryAfterCollection(inspectPort) {
  const [target] = await (await fetch(`http://127.0.0.1:${inspectPort}/json`)).json();
  const socket = new WebSocket(target.webSocketDebuggerUrl, { perMessageDeflate: false });
  await once(socket, 'open');
  let id = 0;
  const call = async (method, params = {}) => {
    const wanted = ++id;
    socket.send(JSON.stringify({ id: wanted, method, params }));
    for (;;) {
      const [data] = await once(socket, 'message');
      const answer = JSON.parse(data);
      if (answer.id === wanted) return answer.result;
    }
  };
  await call('HeapProfiler.collectGarbage');
  await call('HeapProfiler.collectGarbage');
  const { result } = await call('Runtime.evaluate', { expression: script });
  socket.close();
  return JSON.parse(result.value);
}

/** @returns {number} bytes that are in memory now, as the operating system counts them; 0 where it does not tell */
export function residentBytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
