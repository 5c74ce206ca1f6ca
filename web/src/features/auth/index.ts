export { AcceptInvitationPage } from './AcceptInvitationPage';
export { SessionExpired } from './SessionExpired';
export { SignInPage } from './SignInPage';
