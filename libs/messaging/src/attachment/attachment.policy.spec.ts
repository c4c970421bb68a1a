import { parseAttachmentIds } from './attachment.policy';

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
    return 'accepted';
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('attachments', () => {
  const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];

  it('are named by the ids of files, in their order', () => {
    expect(parseAttachmentIds([two, one])).toEqual([two, one]);
    for (const id of ['', '1', '../x', one.toUpperCase(), `${one} `]) {
      expect(codeOf(() => parseAttachmentIds([one, id]))).toBe('attachment_not_found');
    }
  });

  it('are named once each', () => {
    expect(codeOf(() => parseAttachmentIds([one, two, one]))).toBe('attachment_already_used');
  });
});
