-- AlterTable
ALTER TABLE "users" ADD COLUMN     "told_at" TIMESTAMPTZ(3);
