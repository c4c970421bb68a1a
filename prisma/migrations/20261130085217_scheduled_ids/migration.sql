-- What Prisma cannot say: kept by hand, and invisible to `tools/migrate.mjs check`.

-- Scheduled messages take their ids from the messages' sequence, so that no message has the id of one.
ALTER TABLE "scheduled_messages" ALTER COLUMN "id" SET DEFAULT nextval('messages_id_seq'::regclass);
DROP SEQUENCE "scheduled_messages_id_seq";

-- Those that are there keep their ids: the sequence goes beyond them. By nextval, because messages may be sent meanwhile.
SELECT count(nextval('messages_id_seq'))
FROM generate_series(
    1, greatest(0, (SELECT max("id") FROM "scheduled_messages") - (SELECT "last_value" FROM "messages_id_seq"))
);
