export { isRequestSigned, type SignedRequest, signRequest } from './request.signature';
export { Signer } from './signer';
