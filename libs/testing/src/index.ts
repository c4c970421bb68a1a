export { anAttachment } from './builder/attachment.builder';
export { aConversation, aParticipant, aViewedConversation } from './builder/conversation.builder';
export {
  aCompoundFile,
  aDoc,
  aDocx,
  aGif,
  aJpeg,
  anMp3,
  anOgg,
  anXls,
  anXlsx,
  aPdf,
  aPixelBomb,
  aPng,
  aRar,
  aText,
  aWav,
  aWebm,
  aWebp,
  aZip,
  formOf,
  secretPlace,
  type TestFile,
} from './builder/file.builder';
export { aMessage, aViewedMessage } from './builder/message.builder';
export { anOwnUser, aProfile, aUser } from './builder/user.builder';
export {
  type Ack,
  type ChatClient,
  type Closure,
  type Connect,
  ConnectionClosed,
  type ConnectOptions,
  FrameRefused,
  type SendBody,
  type Transport,
} from './client/chat.client';
export { patienceMs, type ReceivedFrame } from './client/frame.log';
export { plainClient } from './client/plain.client';
export { type RestAnswer, RestClient, type RestRequest } from './client/rest.client';
export { socketIoClient } from './client/socket-io.client';
export { nowS, signToken, type TokenClaims } from './client/token.signer';
export { Device, type DeviceOptions } from './history/device';
export { judge, type Verdict } from './history/history.checker';
export { type MessageState, stateOf } from './history/message.state';
export type { RunRecord } from './history/run.record';
export { seededRandom } from './history/seeded.random';
export { SocketWitness } from './history/socket.witness';
export { type ClusterSize, startCluster } from './cluster/cluster';
export { type Deployment, type Exit } from './cluster/deployment';
export { freePort } from './cluster/free.port';
export { startStandalone } from './cluster/standalone';
export { OwnRedis } from './service/own.redis';
export { describeWith, type ServiceName } from './service/service.availability';
export { emptyTestDatabase, testDatabase, type TestDatabase } from './service/test.database';
export { natsForTests, type TestNats } from './service/test.nats';
export { redisForTests, type TestRedis } from './service/test.redis';
export { TcpProxy } from './service/tcp.proxy';
