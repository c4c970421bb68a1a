import { RpcHandler } from '@parley/bus';
import { AddReaction, RemoveReaction, type RequestOf, type ResponseOf } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { ReactionService } from './reaction.service';

@Controller()
export class ReactionController {
  constructor(private readonly reactions: ReactionService) {}

  @RpcHandler(AddReaction)
  async add(request: RequestOf<typeof AddReaction>): Promise<ResponseOf<typeof AddReaction>> {
    return { message: await this.reactions.add(request) };
  }

  @RpcHandler(RemoveReaction)
  async remove(request: RequestOf<typeof RemoveReaction>): Promise<ResponseOf<typeof RemoveReaction>> {
    return { message: await this.reactions.remove(request) };
  }
}
