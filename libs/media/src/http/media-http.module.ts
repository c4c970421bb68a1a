import { Module } from '@nestjs/common';
import { FileAccessConfig } from '@parley/config';
import { Signer } from '@parley/signing';
import { MediaModule } from '../media.module';
import { BytesController } from './bytes.controller';

/** The service with its HTTP edge, which only gateways may ask. Needs FileAccessConfig beside what MediaModule does. */
@Module({
  imports: [MediaModule],
  controllers: [BytesController],
  providers: [
    {
      provide: Signer,
      inject: [FileAccessConfig.token],
      useFactory: ({ secret }: FileAccessConfig) => new Signer(secret, 'parley:media-requests'),
    },
  ],
})
export class MediaHttpModule {}
