const finAndText = 0x81;
const maxLength7 = 125;
const maxLength16 = 0xffff;

/** A whole unmasked text frame of RFC 6455, as a server writes it. */
export function toTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerLength = length <= maxLength7 ? 2 : length <= maxLength16 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = finAndText;
  if (length <= maxLength7) {
    frame[1] = length;
  } else if (length <= maxLength16) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerLength);
  return frame;
}
