-- AlterTable
ALTER TABLE "scheduled_messages" ADD COLUMN     "cancelled_at" TIMESTAMPTZ(3),
ALTER COLUMN "draft" DROP NOT NULL;

-- What Prisma cannot say: kept by hand, and invisible to `tools/migrate.mjs check`.

-- Scheduled messages that no longer wait stay; what they said is forgotten after a while.
DROP INDEX "scheduled_messages_settled_idx";
CREATE INDEX "scheduled_messages_settled_idx" ON "scheduled_messages" ("settled_at")
    WHERE "settled_at" IS NOT NULL AND "draft" IS NOT NULL;
