export { sqlState, violatedConstraint } from './connection/failure';
export type { Queryable } from './connection/queryable';
export { Database } from './database';
export { DatabaseModule } from './database.module';
export { migrate, type MigrateOptions, MigrationError } from './migration/migrate';
export { PrismaService } from './prisma/prisma.service';
export { Transaction } from './transaction';
export { EmbeddedDatabase, type EmbeddedDatabaseOptions } from './embedded/embedded.database';
