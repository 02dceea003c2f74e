import { openApi } from './support';
test('x', async () => {
  const api = await openApi();
  for (const q of [
    `{ plans(filter: { nameContains: "SMA" }) { nodes { id } } }`,
    `{ candidates(first: 3, orderBy: { field: MAX_QPS }) { nodes { id } } }`,
    `{ profiles(first: 5, filter: { origin: LIBRARY, gpuIds: "a100-80gb" }) { totalCount } }`,
  ]) {
    await api.query(q);
    process.stdout.write(`${q} ${String((api.logged.at(-1) as { err?: Error })?.err?.stack).slice(0, 600)}\n`);
  }
  await api.close();
}, 60000);
