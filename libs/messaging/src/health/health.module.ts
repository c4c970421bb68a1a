import { Module } from '@nestjs/common';
import { HealthController } from './health.controller';
import { StorageProbe } from './storage.probe';

/** Whether this service can do its work. */
@Module({ controllers: [HealthController], providers: [StorageProbe] })
export class HealthModule {}
