import { type RpcClient } from '@parley/bus';
import { type AttachmentView, AuthoriseUpload } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { anAttachment } from '@parley/testing';
import type { UserSession } from '../auth/user.session';
import { FileUploader } from './file.uploader';
import { type DownloadAnswer, MediaTransport, type UploadRequest } from './media.transport';

const session = { userId: 'alice' } as UserSession;

/** Reads forms as any other reader of them does. */
class FormTransport extends MediaTransport {
  readonly requests: UploadRequest[] = [];
  form: FormData | undefined;

  async upload(request: UploadRequest): Promise<AttachmentView[]> {
    this.requests.push(request);
    const headers = { 'content-type': request.contentType };
    this.form = await new Response(request.body, { headers }).formData();
    return [anAttachment()];
  }

  download(): Promise<DownloadAnswer> {
    return Promise.reject(new Error('not asked'));
  }

  isUp(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

function uploaderWith(call: RpcClient['call']): { uploader: FileUploader; transport: FormTransport } {
  const transport = new FormTransport();
  return { uploader: new FileUploader({ call }, transport), transport };
}

describe('files in hand', () => {
  it('are uploaded as a form, with what is known of them', async () => {
    const { uploader, transport } = uploaderWith((() => Promise.resolve({})) as RpcClient['call']);
    const files = [
      { fileName: 'größe "1"\r\n.wav', mimeType: 'audio/wav', duration: 1.5, bytes: Buffer.from([0, 255, 13, 10]) },
      { fileName: 'a.txt', mimeType: undefined, bytes: Buffer.from('text') },
    ];
    await expect(uploader.uploadFiles(session, '1', files, 'voice', 'r')).resolves.toEqual([anAttachment()]);
    expect(transport.requests[0]).toMatchObject({ uploaderId: 'alice', conversationId: '1', kind: 'voice' });
    expect(transport.form?.getAll('duration')).toEqual(['1.5']);
    const [first, second] = (transport.form?.getAll('file') ?? []) as File[];
    expect([first?.type, second?.name]).toEqual(['audio/wav', 'a.txt']);
    expect(first && Buffer.from(await first.arrayBuffer())).toEqual(files[0]?.bytes);
  });

  it('are not looked at before their sender may upload', async () => {
    const call = jest.fn(() => Promise.reject(new AppError('participant_muted')));
    const { uploader, transport } = uploaderWith(call);
    await expect(uploader.uploadFiles(session, '1', [], undefined, 'r')).rejects.toMatchObject({
      code: 'participant_muted',
    });
    expect(call).toHaveBeenCalledWith(AuthoriseUpload, { userId: 'alice', conversationId: '1' }, { requestId: 'r' });
    expect(transport.requests).toEqual([]);
    await expect(uploader.uploadFiles(session, 'x', [], undefined, 'r')).rejects.toMatchObject({
      code: 'conversation_not_found',
    });
  });
});
