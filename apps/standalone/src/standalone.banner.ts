export interface DevelopmentTokens {
  readonly alice: string;
  readonly bob: string;
}

export interface BannerContent {
  readonly url: string;
  /** Undefined where the development issuer is off. */
  readonly tokens: DevelopmentTokens | undefined;
  /** Undefined where all is well. */
  readonly warning: string | undefined;
}

/** What the terminal shows once Parley serves: where it listens and, with the development issuer, what to paste. */
export function banner({ url, tokens, warning }: BannerContent): string {
  const lines = ['', `Parley listens on ${url}`, `API docs: ${url}/docs`];
  return [
    ...lines,
    ...(warning === undefined ? [] : ['', `WARNING: ${warning}`]),
    ...(tokens ? tryOut(url, tokens) : []),
    '',
    '',
  ].join('\n');
}

/** Shell lines that work in any order of terminals: those of the listener need no variable of the sender's. */
function tryOut(url: string, { alice, bob }: DevelopmentTokens): string[] {
  const curl = 'curl -sH "Authorization: Bearer $ALICE"';
  const post = `${curl} -H 'Content-Type: application/json'`;
  const readId = `node -p 'JSON.parse(fs.readFileSync(0)).id'`;
  return [
    '',
    'Try it. In one terminal, in this folder, Bob listens, and answers with what you type there:',
    '',
    `  node -e '${listener(`${url.replace(/^http/, 'ws')}/api/ws?token=${bob}`)}'`,
    '',
    'In another one Alice opens a conversation with him, and writes:',
    '',
    `  ALICE=${alice}`,
    `  ID=$(${post} ${url}/api/conversations -d '{"type":"direct","participant_ids":["bob"]}' | ${readId})`,
    `  ${post} ${url}/api/conversations/$ID/messages -d '{"content":"Hello Bob"}'; echo`,
    '',
    'There she also reads what he answered:',
    '',
    `  ${curl} ${url}/api/conversations/$ID/messages; echo`,
  ];
}

/** Shows all frames; a line that is typed is sent to the conversation that was heard of last. */
function listener(socketUrl: string): string {
  return [
    `let id, bob = new (require("ws"))("${socketUrl}")`,
    'bob.on("message", (frame) => { console.log(String(frame)); id = JSON.parse(frame).conversation_id ?? id })',
    'process.stdin.on("data", (line) => bob.send(JSON.stringify({ type: "send_message", conversation_id: id, content: String(line).trim() })))',
  ].join('; ');
}
