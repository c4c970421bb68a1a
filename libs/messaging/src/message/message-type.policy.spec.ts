import { messageTypes } from '@parley/contracts';
import { anAttachment } from '@parley/testing';
import { checkAttachments, checkContent, checkMessageType } from './message-type.policy';

const custom = ['poll'];
const refusedWith = (code: string) => expect.objectContaining({ code }) as Error;

describe('the type of a message', () => {
  it.each(['text', 'image', 'file', 'voice', 'poll'])('may be %s', (type) => {
    expect(() => checkMessageType(type, custom)).not.toThrow();
  });

  it.each(['system', 'video', 'POLL', '', 'constructor', '__proto__'])('may not be %j', (type) => {
    expect(() => checkMessageType(type, custom)).toThrow(refusedWith('message_type_not_allowed'));
  });
});

describe('what a message consists of', () => {
  it.each([
    ['text', 'words', 0],
    ['poll', 'words', 0],
    ['text', '', 1],
    ['poll', '', 2],
    ['image', '', 1],
    ['image', 'words', 1],
  ])('of type %s may be %j with %d attachments', (type, content, count) => {
    expect(() => checkContent(type, content, count)).not.toThrow();
  });

  it.each(['text', 'poll'])('of type %s has to be something', (type) => {
    expect(() => checkContent(type, '', 0)).toThrow(
      expect.objectContaining({ code: 'validation_failed', issues: [expect.objectContaining({ path: 'content' })] }),
    );
  });

  it.each(['image', 'file', 'voice'])('of type %s has to be an attachment', (type) => {
    expect(() => checkContent(type, 'words', 0)).toThrow(refusedWith('attachment_mismatch'));
  });

  it.each(Object.entries(messageTypes))('of type %s may have attachments of its own kinds only', (type, rule) => {
    for (const kind of ['image', 'file', 'voice'] as const) {
      const check = () => checkAttachments(type, [anAttachment({ kind })]);
      if ((rule.attachmentKinds as readonly string[]).includes(kind)) expect(check).not.toThrow();
      else expect(check).toThrow(refusedWith('attachment_mismatch'));
    }
  });

  it('of a custom type may have attachments of all kinds', () => {
    const all = (['image', 'file', 'voice'] as const).map((kind) => anAttachment({ kind }));
    expect(() => checkAttachments('poll', all)).not.toThrow();
  });
});
