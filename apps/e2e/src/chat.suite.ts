import type { Deployment } from '@parley/testing';
import { authSuite } from './auth.suite';
import { bodySuite } from './body.suite';
import { conversationSuite } from './conversation.suite';
import { deliverySuite } from './delivery.suite';
import { frameSuite } from './frame.suite';
import { historySuite } from './history.suite';
import { loadSuite } from './load.suite';
import { resumeSuite } from './resume.suite';
import { serviceSuite } from './service.suite';

/** What every deployment of Parley promises to its clients. */
export function chatSuite(deployment: () => Deployment): void {
  describe('the service', () => serviceSuite(deployment));
  describe('authentication', () => authSuite(deployment));
  describe('conversations', () => conversationSuite(deployment));
  describe('messages', () => deliverySuite(deployment));
  describe('history', () => historySuite(deployment));
  describe('coming back', () => resumeSuite(deployment));
  describe('requests that are wrong', () => bodySuite(deployment));
  describe('frames that are wrong', () => frameSuite(deployment));
  describe('load', () => loadSuite(deployment));
}
