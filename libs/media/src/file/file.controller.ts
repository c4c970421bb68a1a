import { RpcHandler } from '@parley/bus';
import { AuthoriseFile, DescribeFiles, type RequestOf, type ResponseOf } from '@parley/contracts';
import { Controller } from '@nestjs/common';
import { FileReader } from './file.reader';

@Controller()
export class FileController {
  constructor(private readonly reader: FileReader) {}

  @RpcHandler(DescribeFiles)
  async describe(request: RequestOf<typeof DescribeFiles>): Promise<ResponseOf<typeof DescribeFiles>> {
    return { attachments: await this.reader.describe(request) };
  }

  @RpcHandler(AuthoriseFile)
  async authorise(request: RequestOf<typeof AuthoriseFile>): Promise<ResponseOf<typeof AuthoriseFile>> {
    return { attachment: await this.reader.authorise(request) };
  }
}
