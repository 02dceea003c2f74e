import { GraphQLDateTime } from 'graphql-scalars';
import { Float, ID, Int } from 'type-graphql';
import type { PriceKind as PriceKindValue } from '../../../core/search/request';
import { connectionOf } from './connection';
import { field, objectType, optional } from './described';
import { PriceKind } from './enums';

@objectType('PriceQuote', 'One dated price of one way to rent one type of GPU.')
export class PriceQuote {
  @field(() => ID, 'Catalogue id of the GPU.')
  readonly gpuId!: string;
  @field(() => String, 'Who rents it out.')
  readonly provider!: string;
  @optional(() => String, "Region of the provider; null where the price is everywhere's.")
  readonly region!: string | null;
  @field(() => PriceKind, 'On demand, spot or reserved.')
  readonly kind!: PriceKindValue;
  @field(() => Float, 'US dollars for one GPU and hour.')
  readonly usdPerGpuHour!: number;
  @optional(() => Int, 'GPUs of the instance the quote is for; null: sold one by one.')
  readonly gpusPerInstance!: number | null;
  @field(() => String, 'Name of the instance or product.')
  readonly product!: string;
  @optional(() => String, 'ISO date of the quote; null where the source gives none.')
  readonly date!: string | null;
  @field(() => String, 'Where the price was read.')
  readonly source!: string;
}

@objectType('PriceBook', 'A version of all prices. Runs record the book they used; books never change.')
export class PriceBook {
  @field(() => ID, 'UUID.')
  readonly id!: string;
  @field(() => String, 'Name of the version, usually its date.')
  readonly version!: string;
  @optional(() => String, 'What is special about it, in words of whoever made it.')
  readonly note!: string | null;
  @field(() => GraphQLDateTime, 'When it was stored.')
  readonly createdAt!: Date;
}

export const PriceBookConnection = connectionOf(PriceBook, 'PriceBook', 'price books');
