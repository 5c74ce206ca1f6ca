export { CaseScreen } from './CaseScreen';
export { CasesScreen } from './CasesScreen';
export { CaseStateBadge, PriorityBadge, TimeLeft, urgencyOf } from './signs';
