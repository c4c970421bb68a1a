import { Module } from '@nestjs/common';
import { PeerController } from './peer.controller';
import { PeerReader } from './peer.reader';
import { PeerRepository } from './peer.repository';

/** Who may see whom: those who share a conversation. */
@Module({
  controllers: [PeerController],
  providers: [PeerReader, PeerRepository],
})
export class PeerModule {}
