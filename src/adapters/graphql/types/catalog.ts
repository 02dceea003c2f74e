import { Float, ID, Int } from 'type-graphql';
import type { Gpu as CatalogGpu } from '../../../core/catalog/gpu';
import type { ModelSpec } from '../../../core/catalog/model';
import { field, objectType, optional } from './described';
import { AttentionKind } from './profile-enums';

@objectType('Gpu', 'A type of GPU as the catalogue knows it. Rates are dense peaks of one GPU.')
export class Gpu implements CatalogGpu {
  @field(() => ID, 'Catalogue id, e.g. a100-80gb.')
  readonly id!: string;
  @field(() => String, 'Name for people, e.g. NVIDIA A100 SXM4 80GB.')
  readonly name!: string;
  @field(() => Float, 'Memory, bytes.')
  readonly memoryBytes!: number;
  @field(() => Float, 'Memory bandwidth, bytes/s.')
  readonly memoryBandwidthBytesPerS!: number;
  @field(() => Float, 'Dense 16-bit peak, FLOP/s.')
  readonly flops16PerS!: number;
  @optional(() => Float, 'Dense 8-bit float peak, FLOP/s; null where the GPU has no such unit.')
  readonly flops8PerS!: number | null;
  @field(() => Float, 'Bandwidth to the other GPUs of the node, one direction, bytes/s.')
  readonly linkBytesPerS!: number;
  @field(() => Int, 'Most GPUs of this type in one node.')
  readonly maxGpusPerNode!: number;
}

@objectType('Model', 'The architecture of a language model, as far as time and memory depend on it.')
export class Model implements ModelSpec {
  @field(() => ID, 'Catalogue id, e.g. llama-3.1-8b.')
  readonly id!: string;
  @field(() => String, 'Hugging Face id, e.g. meta-llama/Llama-3.1-8B.')
  readonly hfId!: string;
  @field(() => AttentionKind, 'How attention heads share keys and values.')
  readonly attention!: ModelSpec['attention'];
  @field(() => Int, 'Transformer layers.')
  readonly layers!: number;
  @field(() => Int, 'Width of the residual stream.')
  readonly hiddenSize!: number;
  @field(() => Int, 'Attention heads.')
  readonly heads!: number;
  @field(() => Int, 'Key/value heads.')
  readonly kvHeads!: number;
  @field(() => Int, 'Width of one head.')
  readonly headDim!: number;
  @field(() => Int, 'Longest sequence (prompt + output) the model was made for, tokens.')
  readonly maxContextTokens!: number;
  @field(() => Float, 'All parameters.')
  readonly paramsTotal!: number;
  @field(() => Float, 'Parameters one token passes through: fewer than all in a mixture of experts.')
  readonly paramsActive!: number;
  @field(() => Float, 'Bytes of one weight in the default dtype.')
  readonly weightBytesPerParam!: number;
  @field(() => Float, 'Bytes of all weights in the default dtype.')
  readonly weightBytes!: number;
  @field(() => Float, 'KV cache of one token over all layers, unsharded, bytes.')
  readonly kvBytesPerToken!: number;
  @field(() => Float, 'FLOPs of one token in everything but attention scores.')
  readonly linearFlopsPerToken!: number;
}
