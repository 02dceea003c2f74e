import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import type { BuiltServer } from './built-server';

/** For the environment of a server whose memory is to be measured: Node's inspector, on a free port of this machine. */
export const MEASURABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const;

export interface ServerMemory {
  /** What the main thread's objects and buffers take after a full garbage collection. */
  readonly heapMib: number;
  /** All of the process, measured then. */
  readonly rssMib: number;
}

/** Collects the server's garbage, since before that memory tells how lazy the collector is, not what is kept. */
export async function measureMemory(server: BuiltServer): Promise<ServerMemory> {
  const url = server.stray.map((line) => /Debugger listening on (ws:\S+)/.exec(line)?.[1]).find(Boolean);
  if (url === undefined) throw new Error('the server was not started with MEASURABLE');
  const socket = new WebSocket(url);
  try {
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    await call(socket, 1, 'HeapProfiler.collectGarbage');
    const { result } = await call(socket, 2, 'Runtime.evaluate', {
      expression: '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())',
    });
    return { heapMib: result!.value / 2 ** 20, rssMib: rssMib(server) };
  } finally {
    socket.close();
  }
}

/** Of the whole process, garbage and all. */
export const rssMib = ({ pid }: BuiltServer): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

interface Reply {
  readonly id?: number;
  readonly result: { readonly result?: { readonly value: number } };
}

function call(socket: WebSocket, id: number, method: string, params = {}): Promise<Reply['result']> {
  return new Promise((resolve, reject) => {
    const take = (data: WebSocket.RawData) => {
      const reply = JSON.parse(String(data)) as Reply;
      if (reply.id !== id) return;
      socket.off('message', take);
      resolve(reply.result);
    };
    socket.on('message', take).once('close', () => reject(new Error('the inspector is gone')));
    socket.send(JSON.stringify({ id, method, params }));
  });
}
