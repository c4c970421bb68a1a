-- CreateTable
CREATE TABLE "users" (
    "id" TEXT NOT NULL,
    "username" TEXT,
    "display_name" TEXT NOT NULL,
    "email" TEXT,
    "avatar_url" TEXT,
    "role" TEXT NOT NULL DEFAULT 'user',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "conversations" (
    "id" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "title" TEXT,
    "description" TEXT,
    "avatar_url" TEXT,
    "visibility" TEXT NOT NULL DEFAULT 'private',
    "posting" TEXT NOT NULL DEFAULT 'everyone',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "direct_key" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_message_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seq" BIGINT NOT NULL DEFAULT 0,
    "rev" BIGINT NOT NULL DEFAULT 1,
    "participant_count" INTEGER NOT NULL DEFAULT 0,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "participants" (
    "conversation_id" BIGINT NOT NULL,
    "user_id" TEXT NOT NULL,
    "role" TEXT NOT NULL DEFAULT 'participant',
    "is_muted" BOOLEAN NOT NULL DEFAULT false,
    "is_archived" BOOLEAN NOT NULL DEFAULT false,
    "joined_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "left_at" TIMESTAMPTZ(3),
    "rev" BIGINT NOT NULL DEFAULT 1,
    "last_read_seq" BIGINT NOT NULL DEFAULT 0,
    "last_read_at" TIMESTAMPTZ(3),
    "last_delivered_seq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "participants_pkey" PRIMARY KEY ("conversation_id","user_id")
);

-- CreateTable
CREATE TABLE "messages" (
    "conversation_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "rev" BIGINT NOT NULL,
    "created_rev" BIGINT NOT NULL,
    "sender_id" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "content" TEXT NOT NULL,
    "message_type" TEXT NOT NULL DEFAULT 'text',
    "reply_to_id" BIGINT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "messages_pkey" PRIMARY KEY ("conversation_id","seq")
);

-- CreateTable
CREATE TABLE "receipts" (
    "conversation_id" BIGINT NOT NULL,
    "user_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "up_to_seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "receipts_pkey" PRIMARY KEY ("conversation_id","user_id","kind","up_to_seq")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deployment" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "epoch" TEXT NOT NULL,

    CONSTRAINT "deployment_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "conversations_direct_key_key" ON "conversations"("direct_key");

-- CreateIndex
CREATE INDEX "participants_user_id_conversation_id_idx" ON "participants"("user_id", "conversation_id");

-- CreateIndex
CREATE UNIQUE INDEX "messages_conversation_id_sender_id_idempotency_key_key" ON "messages"("conversation_id", "sender_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "messages_id_conversation_id_key" ON "messages"("id", "conversation_id");

-- CreateIndex
CREATE INDEX "outbox_created_at_idx" ON "outbox"("created_at");

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "participants" ADD CONSTRAINT "participants_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "participants" ADD CONSTRAINT "participants_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma cannot say: kept by hand, and invisible to `tools/migrate.mjs check`.

-- Counters and cursors change with every message and are in no index: free room on the page keeps those updates HOT.
ALTER TABLE "conversations" SET (fillfactor = 50);
ALTER TABLE "participants" SET (fillfactor = 70);

-- A queue: its rows live for milliseconds. Vacuumed by what died, since it is nearly always empty.
ALTER TABLE "outbox" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Words and bounds that every writer must keep. None on messages: they are written by one statement only, and often.
ALTER TABLE "conversations"
    ADD CONSTRAINT "conversations_type_check" CHECK ("type" IN ('direct', 'group', 'channel')),
    ADD CONSTRAINT "conversations_visibility_check" CHECK ("visibility" IN ('private', 'public')),
    ADD CONSTRAINT "conversations_posting_check" CHECK ("posting" IN ('everyone', 'moderators')),
    ADD CONSTRAINT "conversations_direct_key_check" CHECK (("type" = 'direct') = ("direct_key" IS NOT NULL)),
    ADD CONSTRAINT "conversations_counters_check" CHECK ("last_seq" >= 0 AND "rev" >= 1 AND "participant_count" >= 0);

ALTER TABLE "participants"
    ADD CONSTRAINT "participants_role_check" CHECK ("role" IN ('admin', 'moderator', 'participant')),
    ADD CONSTRAINT "participants_cursors_check" CHECK ("last_read_seq" >= 0 AND "last_delivered_seq" >= 0);

ALTER TABLE "receipts"
    ADD CONSTRAINT "receipts_kind_check" CHECK ("kind" IN ('delivered', 'read'));

ALTER TABLE "outbox"
    ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('events', 'messages'));

-- One row, with an epoch of its own for every new database.
ALTER TABLE "deployment"
    ADD CONSTRAINT "deployment_id_check" CHECK ("id" = 1);

INSERT INTO "deployment" ("epoch") VALUES (gen_random_uuid()::text);

-- Messages that changed after they were written, by change: what a client missed that lies below its `seq`.
CREATE INDEX "messages_changed_idx" ON "messages" ("conversation_id", "rev") WHERE "rev" > "created_rev";
