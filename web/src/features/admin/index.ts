export { AdminLayout } from './AdminLayout';
export { ApiKeysScreen } from './ApiKeysScreen';
export { AuditScreen } from './AuditScreen';
export { DicomNodesScreen } from './DicomNodesScreen';
export { FacilitiesScreen } from './FacilitiesScreen';
export { JobsScreen } from './JobsScreen';
export { MembersScreen } from './MembersScreen';
export { QuarantineScreen } from './QuarantineScreen';
