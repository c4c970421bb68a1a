import type { Problem } from '@parley/errors';
import { RestScene } from '../testing/rest.scene';

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

describe('a form', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

  const callWithForm = (path: string, raw: string | Uint8Array<ArrayBuffer>) =>
    rest.alice.call<Problem>('PUT', path, undefined, { raw, headers: formType });
  const issuesOf = ({ body }: { readonly body: Problem }) => body.errors?.map(({ path }) => path);

  it.each([
    ['sets __proto__', '__proto__=1&content=a', 400, 'malformed_request', undefined],
    ['is not UTF-8', Buffer.from('content=\xe9', 'latin1'), 400, 'malformed_request', undefined],
    ['is encoded wrongly', 'content=%e9', 400, 'malformed_request', undefined],
    ['says something twice', 'content=a&content=b', 422, 'validation_failed', ['content']],
    ['says nothing', '', 422, 'validation_failed', ['content']],
    ['has NUL', 'content=%00', 422, 'validation_failed', ['content']],
    ['is larger than a megabyte', `content=${'a'.repeat(1_048_576)}`, 413, 'payload_too_large', undefined],
  ])('that %s is refused', async (_, raw, status, code, paths) => {
    const answer = await callWithForm('/api/messages/9', raw);
    expect(answer.status).toBe(status);
    expect(answer.body.code).toBe(code);
    expect(issuesOf(answer)).toEqual(paths);
  });

  it('may be called like what objects have by themselves', async () => {
    const { status } = await callWithForm('/api/messages/9', 'constructor=1&toString=2&content=a');
    expect(status).toBe(200);
  });
});
