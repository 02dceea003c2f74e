-- What a profile or the prices were before may become current again: as a new version with the content of an older one.
DROP INDEX "price_books_workspace_id_content_hash_key";
DROP INDEX "profiles_workspace_id_content_hash_key";
CREATE INDEX "profiles_workspace_id_content_hash_idx" ON "profiles"("workspace_id", "content_hash");
