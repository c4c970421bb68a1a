import type { Deployment } from '@parley/testing';
import { accessSuite } from './access.suite';
import { authSuite } from './auth.suite';
import { authorisationSuite } from './authorisation.suite';
import { bodySuite } from './body.suite';
import { contractSuite } from './contract.suite';
import { conversationSuite } from './conversation.suite';
import { deliverySuite } from './delivery.suite';
import { fileSuite } from './file.suite';
import { frameSuite } from './frame.suite';
import { historySuite } from './history.suite';
import { loadSuite } from './load.suite';
import { resumeSuite } from './resume.suite';
import { serviceSuite } from './service.suite';
import { userSuite } from './user.suite';

/** What every deployment of Parley promises to its clients. */
export function chatSuite(deployment: () => Deployment): void {
  describe('the service', () => serviceSuite(deployment));
  describe('authentication', () => authSuite(deployment));
  describe('users', () => userSuite(deployment));
  describe('bans and revocation', () => accessSuite(deployment));
  describe('conversations', () => conversationSuite(deployment));
  describe('messages', () => deliverySuite(deployment));
  describe('files', () => fileSuite(deployment));
  describe('history', () => historySuite(deployment));
  describe('coming back', () => resumeSuite(deployment));
  describe('requests that are wrong', () => bodySuite(deployment));
  describe('frames that are wrong', () => frameSuite(deployment));
  describe('who may do what', () => authorisationSuite(deployment));
  describe('what the documents say', () => contractSuite(deployment));
  describe('load', () => loadSuite(deployment));
}
