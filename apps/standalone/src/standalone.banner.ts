export interface DevelopmentTokens {
  readonly alice: string;
  readonly bob: string;
}

/** What the terminal shows once Parley serves: where it listens and, with the development issuer, what to paste. */
export function banner(url: string, tokens: DevelopmentTokens | undefined): string {
  const lines = ['', `Parley listens on ${url}`, `API docs: ${url}/docs`];
  return [...lines, ...(tokens ? tryOut(url, tokens) : []), '', ''].join('\n');
}

/** Shell lines that work in any order of terminals: those of the listener need no variable of the sender's. */
function tryOut(url: string, { alice, bob }: DevelopmentTokens): string[] {
  const socketUrl = `${url.replace(/^http/, 'ws')}/api/ws?token=${bob}`;
  const curl = `curl -sH "Authorization: Bearer $ALICE" -H 'Content-Type: application/json'`;
  const readId = `node -p 'JSON.parse(fs.readFileSync(0)).id'`;
  return [
    '',
    'Try it. In one terminal, in this folder, Bob listens:',
    '',
    `  node -e 'new (require("ws"))("${socketUrl}").on("message", (frame) => console.log(String(frame)))'`,
    '',
    'In another one Alice opens a conversation with him, and writes:',
    '',
    `  ALICE=${alice}`,
    `  ID=$(${curl} ${url}/api/conversations -d '{"type":"direct","participant_ids":["bob"]}' | ${readId})`,
    `  ${curl} ${url}/api/conversations/$ID/messages -d '{"content":"Hello Bob"}'`,
  ];
}
