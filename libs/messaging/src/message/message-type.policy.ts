import { type AttachmentView, isBuiltInType, messageTypeRule } from '@parley/contracts';
import { AppError } from '@parley/errors';

/**
 * May a client send messages of this type?
 *
 * @param customTypes those that the deployment declares.
 * @throws AppError `message_type_not_allowed`.
 */
export function checkMessageType(messageType: string, customTypes: readonly string[]): void {
  const isKnown = isBuiltInType(messageType) || customTypes.includes(messageType);
  if (!isKnown || !messageTypeRule(messageType).isForClients) throw new AppError('message_type_not_allowed');
}

/** Says something, or shows something. @throws AppError `validation_failed`, or `attachment_mismatch` where the type asks for more. */
export function checkContent(messageType: string, content: string, attachmentCount: number): void {
  if (attachmentCount > 0) return;
  if (messageTypeRule(messageType).needsAttachment) {
    throw new AppError('attachment_mismatch', { detail: `A message of type ${messageType} needs an attachment` });
  }
  if (content === '') {
    const issues = [{ path: 'content', message: 'must not be empty without attachments' }];
    throw new AppError('validation_failed', { issues });
  }
}

/** Are these what a message of this type may consist of? @throws AppError `attachment_mismatch`. */
export function checkAttachments(messageType: string, attachments: readonly AttachmentView[]): void {
  const { attachmentKinds } = messageTypeRule(messageType);
  if (attachments.every(({ kind }) => attachmentKinds.includes(kind))) return;
  const kinds = attachmentKinds.join(' or ');
  throw new AppError('attachment_mismatch', {
    detail: `An attachment of a message of type ${messageType} is not of the kind ${kinds}`,
  });
}
