import { SetMetadata } from '@nestjs/common';

export const isPublicKey = 'parley:public';

/** This route, or all of this controller's, needs no token. */
export const Public = () => SetMetadata(isPublicKey, true);
