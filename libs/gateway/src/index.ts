export { type DevToken, DevTokenIssuer, type DevUser } from './auth/dev-token.issuer';
export { TokenVerifier } from './auth/token.verifier';
export { UserDirectory } from './auth/user.directory';
export type { UserSession } from './auth/user.session';
export { createGatewayApp, drainGateway, listenForClients } from './gateway.app';
export { GatewayModule } from './gateway.module';
export { createAsyncApiDocument } from './http/docs/asyncapi.document';
export { mediaInProcess } from './media/files.module';
export { MediaTransport } from './media/media.transport';
