import { contentDisposition } from './content.disposition';

describe('the header that names a file', () => {
  it.each([
    ['paper.pdf', 'attachment; filename="paper.pdf"'],
    ["it's (mine)*.pdf", 'attachment; filename="it\'s (mine)*.pdf"'],
    [
      'a "quoted" \\ name.pdf',
      `attachment; filename="a _quoted_ _ name.pdf"; filename*=UTF-8''a%20%22quoted%22%20%5C%20name.pdf`,
    ],
    ['100%.pdf', `attachment; filename="100_.pdf"; filename*=UTF-8''100%25.pdf`],
    [
      "naïve (*) 'x'.pdf",
      `attachment; filename="na_ve (*) 'x'.pdf"; filename*=UTF-8''na%C3%AFve%20%28%2A%29%20%27x%27.pdf`,
    ],
    ['👍.pdf', `attachment; filename="_.pdf"; filename*=UTF-8''%F0%9F%91%8D.pdf`],
  ])('of %s', (name, header) => {
    expect(contentDisposition('attachment', name)).toBe(header);
  });
});
