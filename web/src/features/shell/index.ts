export { homeOf, pagesOf } from './navigation';
export { SignedInLayout } from './SignedInLayout';
export { Crashed, NoSuchPage, Starting, Unreachable } from './Trouble';
