export { PresenceModule } from './presence.module';
export { PresenceStore } from './store/presence.store';
