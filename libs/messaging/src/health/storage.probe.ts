import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';

/** Whoever asks waits less than this, in milliseconds: what takes longer is no answer any more. */
const answerTimeoutMs = 300;
/** How long an answer holds, in milliseconds: all gateways ask, each once a second. */
const holdsMs = 500;

/** Tries whether something can be committed; at most two attempts a second, however many ask, and never two at a time. */
@Injectable()
export class StorageProbe {
  private attempt: Promise<boolean> | undefined;

  constructor(private readonly database: Database) {}

  /** Never rejects. */
  async takesWrites(): Promise<boolean> {
    this.attempt ??= this.tryOnce();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), answerTimeoutMs);
    });
    const answer = await Promise.race([this.attempt, late]);
    clearTimeout(timer);
    return answer;
  }

  private async tryOnce(): Promise<boolean> {
    const takesWrites = await this.database.takesWrites();
    setTimeout(() => (this.attempt = undefined), holdsMs).unref();
    return takesWrites;
  }
}
