import { PrismaPg } from '@prisma/adapter-pg';
import type { ConnectionPool } from '../connection/connection.pool';
import { PrismaClient } from '../generated/client';
import { toPrismaFailure } from './prisma.failure';

/**
 * The Prisma client, on the same connections as {@link Database}: for plain reads and writes off the hot paths.
 *
 * Fails as statements do: with `service_unavailable` where PostgreSQL is away. Transactions belong to {@link Database}.
 */
export abstract class PrismaService extends PrismaClient {
  static on(pool: ConnectionPool): PrismaService {
    const client = new PrismaClient({ adapter: new PrismaPg(pool.driver) }).$extends({
      query: {
        $allOperations: ({ args, query }) =>
          query(args).catch((error: unknown) => {
            throw toPrismaFailure(error);
          }),
      },
    });
    return client as unknown as PrismaService; // an extended client has all but `$on`
  }
}
