-- AlterTable
ALTER TABLE "files" ADD COLUMN     "compressed_key" TEXT,
ADD COLUMN     "state" TEXT NOT NULL DEFAULT 'ready',
ADD COLUMN     "sweep_at" TIMESTAMPTZ(3) NOT NULL DEFAULT (now() + '1 day'::interval);

-- CreateIndex
CREATE INDEX "files_sweep_at_idx" ON "files"("sweep_at");
