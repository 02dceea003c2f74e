/** The architecture of one language model, as far as time and memory depend on it. */
export interface ModelSpec {
  /** Catalogue id, e.g. `llama-3.1-8b`. */
  readonly id: string;
  /** Hugging Face id, e.g. `meta-llama/Llama-3.1-8B`. */
  readonly hfId: string;
  readonly attention: 'MHA' | 'GQA' | 'MQA' | 'MLA';
  readonly layers: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Longest sequence (prompt + output) the model was made for, tokens. */
  readonly maxContextTokens: number;
  readonly paramsTotal: number;
  /** Parameters one token passes through (fewer than all in a mixture of experts). */
  readonly paramsActive: number;
  /** Bytes of one weight in the default dtype. */
  readonly weightBytesPerParam: number;
  /** Bytes of all weights in the default dtype. */
  readonly weightBytes: number;
  /** KV cache of one token over all layers, unsharded, bytes. */
  readonly kvBytesPerToken: number;
  /** FLOPs of one token in everything but attention scores (2 per active weight, embedding look-up excluded). */
  readonly linearFlopsPerToken: number;
}
