import type { TransactionSql } from 'postgres';
import { SHARED_WORKSPACE_ID } from '../../app/ports/records';
import type { NewProfile, WriteStore } from '../../app/ports/write-store';
import type { Catalog } from '../../core/catalog/catalog';
import type { Database } from './connect';
import { withLock } from './locks';
import { toProfileRow } from './profile-rows';
import { storePriceBook } from './write-prices';

export function createSeed({ sql }: Database): Pick<WriteStore, 'isSeeded' | 'seed'> {
  return {
    isSeeded: async (dataHash) => {
      const found = await sql`SELECT FROM shipped_data WHERE data_hash = ${dataHash}`;
      return found.length > 0;
    },

    // Servers that boot together take turns; all but the first find everything there.
    seed: (seed) =>
      withLock(sql, 'seed', async (tx) => {
        await storeCatalog(tx, seed.catalog);
        await storeLibrary(tx, seed.profiles);
        await storePriceBook(tx, SHARED_WORKSPACE_ID, {
          version: seed.catalog.prices.version,
          contentHash: seed.priceBookHash,
          note: null,
          quotes: seed.catalog.prices.quotes,
        });
        await tx`INSERT INTO shipped_data (data_hash) VALUES (${seed.dataHash}) ON CONFLICT DO NOTHING`;
      }),
  };
}

/** Rows that differ are brought up to date, unless a newer version of the program wrote them. */
async function storeCatalog(tx: TransactionSql, { gpus, models, version }: Catalog): Promise<void> {
  await upsert(
    tx,
    'gpus',
    gpus.map((gpu) => ({
      id: gpu.id,
      name: gpu.name,
      memory_bytes: gpu.memoryBytes,
      memory_bandwidth_bytes_per_s: gpu.memoryBandwidthBytesPerS,
      flops16_per_s: gpu.flops16PerS,
      flops8_per_s: gpu.flops8PerS,
      link_bytes_per_s: gpu.linkBytesPerS,
      max_gpus_per_node: gpu.maxGpusPerNode,
      catalog_version: version,
    })),
  );
  await upsert(
    tx,
    'models',
    models.map((model) => ({
      id: model.id,
      hf_id: model.hfId,
      attention: model.attention,
      layers: model.layers,
      hidden_size: model.hiddenSize,
      heads: model.heads,
      kv_heads: model.kvHeads,
      head_dim: model.headDim,
      max_context_tokens: model.maxContextTokens,
      params_total: model.paramsTotal,
      params_active: model.paramsActive,
      weight_bytes_per_param: model.weightBytesPerParam,
      weight_bytes: model.weightBytes,
      kv_bytes_per_token: model.kvBytesPerToken,
      linear_flops_per_token: model.linearFlopsPerToken,
      catalog_version: version,
    })),
  );
}

async function upsert(
  tx: TransactionSql,
  table: 'gpus' | 'models',
  rows: readonly Record<string, string | number | null>[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).filter((column) => column !== 'id');
  if (columns.length === 0) return;
  const assignments = columns.map((column) => `${column} = excluded.${column}`).join(', ');
  await tx`
    INSERT INTO ${tx(table)} ${tx(rows as Record<string, string>[])}
    ON CONFLICT (id) DO UPDATE SET ${tx.unsafe(assignments)}
    WHERE ${tx(table)} IS DISTINCT FROM excluded AND ${tx(table)}.catalog_version <= excluded.catalog_version`;
}

/** Content that a library profile does not have now is a new version of it; the older ones stay, for the plans made with them. */
async function storeLibrary(tx: TransactionSql, profiles: readonly NewProfile[]): Promise<void> {
  const newest = await tx<{ name: string; content_hash: string; version: number }[]>`
    SELECT DISTINCT ON (name) name, content_hash, version FROM profiles WHERE workspace_id = ${SHARED_WORKSPACE_ID}
    ORDER BY name, version DESC`;
  const known = new Map(newest.map((row) => [row.name, row]));
  const rows = profiles
    .filter(({ name, contentHash }) => known.get(name)?.content_hash !== contentHash)
    .map((profile) => {
      const version = (known.get(profile.name)?.version ?? 0) + 1;
      return toProfileRow(profile, { workspaceId: SHARED_WORKSPACE_ID, version });
    });
  if (rows.length > 0) await tx`INSERT INTO profiles ${tx(rows as Record<string, never>[])}`;
}
