-- AlterTable
ALTER TABLE "candidates" ADD COLUMN     "prefix_cache_hit_rate" DOUBLE PRECISION;

-- AlterTable
ALTER TABLE "traces" ADD COLUMN     "blocks_of_request" INTEGER[],
ADD COLUMN     "prompt_block_count" INTEGER,
ADD COLUMN     "prompt_blocks" INTEGER[];

ALTER TABLE "traces" ADD CONSTRAINT "traces_blocks" CHECK (
  num_nulls("prompt_block_count", "prompt_blocks", "blocks_of_request") = 3
  OR (num_nulls("prompt_block_count", "prompt_blocks", "blocks_of_request") = 0
    AND cardinality("prompt_blocks") = "prompt_block_count" AND cardinality("blocks_of_request") = "request_count"));
CREATE TRIGGER "immutable_blocks" BEFORE UPDATE OF "prompt_block_count", "prompt_blocks", "blocks_of_request" ON "traces"
  FOR EACH ROW EXECUTE FUNCTION "refuse_update"();
