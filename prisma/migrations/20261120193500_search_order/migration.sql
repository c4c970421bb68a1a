-- Kept by hand, and invisible to `tools/migrate.mjs check`: search by prefix tells of those who share a name, or an e-mail
-- address, in one order, without sorting. Nobody shares a username.
CREATE INDEX "users_display_name_search_idx" ON "users" (lower("display_name") text_pattern_ops, "id");
CREATE INDEX "users_email_search_idx" ON "users" (lower("email") text_pattern_ops, "id");
DROP INDEX "users_display_name_prefix_idx";
DROP INDEX "users_email_prefix_idx";
