export { CaseScreen } from './CaseScreen';
export { CasesScreen } from './CasesScreen';
export { parseCasesSearch } from './casesSearch';
export { CaseStateBadge, PriorityBadge, TimeLeft, urgencyOf } from './signs';
